#include "cli/fanout/summary.h"

#include "cli/nodes/targets.h"
#include "cli/output/error_word.h"
#include "cli/output/explain_error.h"
#include "cli/output/printable.h"
#include "common/duration.h"

#include <algorithm>
#include <map>

namespace cbs::cli {
namespace {

constexpr size_t kLongestFold = 300;
constexpr size_t kNamedAtMost = 10;
constexpr size_t kGroupsInLine = 3;
constexpr size_t kGroupsAtMost = 20;
constexpr size_t kLongestLine = 160;

// Of uploads, and of hosts that no daemon was asked for, as well.
std::string_view summaryWordOf(ErrorKind kind) {
  if (kind == ErrorKind::TRANSFER_FAILED) return "failed";
  return kind == ErrorKind::AGENT_UNREACHABLE ? "not begun" : wordOf(kind);
}

// What all hosts with this error have in common, of the sentence that each of them would get.
std::string errorText(const Error& error) {
  Error bare{error.kind, error.reason, ""};
  std::string words = explain(bare, "").message;
  bool saysNothing = words.find(" (" + std::string(nameOf(error.reason)) + ")") != words.npos;
  if (saysNothing) words = explain(error, "").message;  // its words are the detail
  bool fateFollows = error.kind == ErrorKind::TIMED_OUT || error.kind == ErrorKind::LOST;
  if (fateFollows) words = words.substr(0, words.find_first_of(":;"));
  auto jumpHost = error.fact("jumpHost");
  if (!jumpHost.empty()) words = "jump host " + printable(jumpHost) + ": " + words;
  std::string word(summaryWordOf(error.kind));
  return word.empty() || words.compare(0, word.size(), word) == 0 ? words : word + ": " + words;
}

std::string commandText(schema::Outcome::Reader outcome) {
  auto state = outcome.getState();
  if (state.isSignalled()) return "ended by " + printable(state.getSignalled().getName().cStr());
  return state.getExited() == 0 ? "ok" : "exited with " + std::to_string(state.getExited());
}

std::vector<std::string> namesOf(const OutcomeGroup& group, const std::vector<std::string>& targets) {
  std::vector<std::string> names;
  names.reserve(group.hosts.size());
  for (uint32_t host : group.hosts) names.push_back(targets[host]);
  return names;
}

// `3 exited with 1 (web[01-03])`; of those that succeeded the number is enough.
std::string groupText(const OutcomeGroup& group, const std::vector<std::string>& targets) {
  std::string text = std::to_string(group.hosts.size()) + " " + group.text;
  return group.status == 0 ? text : text + " (" + foldedBriefly(namesOf(group, targets)) + ")";
}

// What to do about the most frequent failure that something is known about.
std::string nextOf(const Outcomes& outcomes, const FanOutResults& results) {
  for (const auto& group : outcomes.groups) {
    uint32_t first = group.hosts.front();
    const Error& error = results.ends[first].error;
    if (group.status == 0 || group.skipped || error.kind == ErrorKind::NONE) continue;
    auto next = explain(error, results.targets[first]).next;
    if (!next.empty()) return next;
  }
  return "";
}

// Those that succeeded come first, those that never began last.
std::vector<std::string> groupTexts(const Outcomes& outcomes, const FanOutResults& results) {
  auto groups = outcomes.groups;
  auto rank = [](const OutcomeGroup& group) { return group.skipped ? 2 : group.status == 0 ? 0 : 1; };
  auto before = [&](const OutcomeGroup& a, const OutcomeGroup& b) { return rank(a) < rank(b); };
  std::stable_sort(groups.begin(), groups.end(), before);
  std::vector<std::string> texts;
  size_t hosts = 0;
  for (const auto& group : groups) {
    if (texts.size() < kGroupsAtMost) {
      texts.push_back(groupText(group, results.targets));
    } else {
      hosts += group.hosts.size();
    }
  }
  size_t leftOut = groups.size() - texts.size();
  if (leftOut > 0) texts.push_back(std::to_string(hosts) + " that ended in " + std::to_string(leftOut) + " other ways");
  return texts;
}

std::string joined(const std::vector<std::string>& texts, const char* between) {
  std::string text;
  for (const auto& part : texts) text += (text.empty() ? "" : between) + part;
  return text;
}

std::string figures(const Outcomes& outcomes) {
  std::vector<std::string> texts = {std::to_string(outcomes.succeeded) + " ok"};
  if (outcomes.failed > 0) texts.push_back(std::to_string(outcomes.failed) + " failed");
  if (outcomes.skipped > 0) texts.push_back(std::to_string(outcomes.skipped) + " not begun");
  return joined(texts, ", ");
}

}  // namespace

std::string outcomeText(const HostEnd& end) {
  if (end.skipped()) return "not begun";
  if (end.error.kind != ErrorKind::NONE) return errorText(end.error);
  if (end.outcome.get() != nullptr) return commandText(*end.outcome);
  return end.succeeded() ? "ok" : "failed";
}

Outcomes outcomesOf(const FanOutResults& results) {
  Outcomes outcomes;
  std::map<std::pair<std::string, int>, size_t> known;
  for (uint32_t host = 0; host < results.ends.size(); ++host) {
    const HostEnd& end = results.ends[host];
    ++(end.skipped() ? outcomes.skipped : end.succeeded() ? outcomes.succeeded : outcomes.failed);
    auto [place, isNew] = known.try_emplace({outcomeText(end), end.exitCode}, outcomes.groups.size());
    if (isNew) {
      outcomes.groups.push_back({place->first.first, end.exitCode, end.error.reason, end.skipped(), {}});
    }
    outcomes.groups[place->second].hosts.push_back(host);
  }
  auto larger = [](const OutcomeGroup& a, const OutcomeGroup& b) { return a.hosts.size() > b.hosts.size(); };
  std::stable_sort(outcomes.groups.begin(), outcomes.groups.end(), larger);
  return outcomes;
}

std::string endSentence(const HostEnd& end, std::string_view target) {
  if (end.neverBegun() || end.succeeded()) return "";
  if (end.error.kind != ErrorKind::NONE) return sentence(end.error, target);
  return "cbsession: " + printable(target) + ": " + outcomeText(end) + "\n";
}

std::string foldedBriefly(const std::vector<std::string>& targets) {
  std::string all = printable(foldTargets(targets));
  if (all.size() <= kLongestFold || targets.size() <= kNamedAtMost) return all;
  std::vector<std::string> first(targets.begin(), targets.begin() + kNamedAtMost);
  return printable(foldTargets(first)) + " and " + std::to_string(targets.size() - kNamedAtMost) + " more";
}

std::string summaryText(const FanOutResults& results) {
  auto outcomes = outcomesOf(results);
  auto texts = groupTexts(outcomes, results);
  std::string time = " in " + durationText(results.duration);
  auto next = nextOf(outcomes, results);
  std::string line = "cbsession: " + joined(texts, ", ") + time;
  bool inLines = texts.size() > kGroupsInLine + 1 || line.size() > kLongestLine;
  if (inLines) {
    line = "cbsession: " + figures(outcomes) + time;
    for (const auto& text : texts) line += "\n  " + text;
  }
  if (!next.empty()) line += (inLines ? "\nNext: " : ". Next: ") + next;
  return line + "\n";
}

void describeSummary(const FanOutResults& results, schema::FanOutSummary::Builder to) {
  auto outcomes = outcomesOf(results);
  to.setStatus(results.exitCode);
  to.setHosts(static_cast<uint32_t>(results.targets.size()));
  to.setSucceeded(outcomes.succeeded);
  to.setFailed(outcomes.failed);
  to.setSkipped(outcomes.skipped);
  to.setUs(static_cast<uint64_t>(results.duration / kj::MICROSECONDS));
  auto list = to.initOutcomes(static_cast<unsigned>(outcomes.groups.size()));
  for (unsigned i = 0; i < list.size(); ++i) {
    const auto& group = outcomes.groups[i];
    list[i].setText(group.text.c_str());
    list[i].setStatus(group.status);
    list[i].setReason(group.reason);
    list[i].setCount(static_cast<uint32_t>(group.hosts.size()));
    list[i].setTargets(foldTargets(namesOf(group, results.targets)).c_str());
  }
}

}  // namespace cbs::cli
