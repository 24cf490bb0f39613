#include "cli/nodes/node_reader.h"

#include "cli/output/printable.h"
#include "common/nearest_word.h"
#include "common/wildcard.h"

#include <algorithm>

namespace cbs::cli {
namespace {

constexpr size_t kDeepestGroups = 100;
constexpr uint64_t kMostWildcards = 1000;  // in one element; each is compared with each host
constexpr size_t kShownNodes = 60;

std::string withCommas(uint64_t number) {
  std::string digits = std::to_string(number);
  for (size_t i = digits.size(); i > 3; i -= 3) digits.insert(i - 3, ",");
  return digits;
}

tl::unexpected<NodeFault> placeless(std::string what) {
  return tl::unexpected(NodeFault{std::string::npos, std::move(what)});
}

tl::unexpected<NodeFault> tooMany(uint64_t count) {
  std::string known = count == UINT64_MAX ? "far" : withCommas(count) + " hosts,";
  return tl::unexpected(
      NodeFault{0, "these are " + known + " more than the " + withCommas(kMostTargets) + " that a node set may have"});
}

// What stands round the fault.
std::string excerpt(std::string_view text, size_t at) {
  size_t begin = text.size() > kShownNodes && at > kShownNodes / 2 ? at - kShownNodes / 2 : 0;
  bool cut = begin + kShownNodes < text.size();
  return (begin > 0 ? "..." : "") + printable(text.substr(begin, kShownNodes)) + (cut ? "..." : "");
}

std::string faultSentence(std::string_view text, const NodeFault& fault) {
  if (fault.at == std::string::npos) return fault.what;
  std::string place = text.empty() ? "" : " (character " + std::to_string(fault.at + 1) + ")";
  return "node set '" + excerpt(text, fault.at) + "': " + fault.what + place;
}

template <typename Result>
Result movedBy(Result result, size_t bytes) {
  if (!result && result.error().at != std::string::npos) result.error().at += bytes;
  return result;
}

void applyOperator(NodeOperator how, HostList& hosts, HostList operand) {
  switch (how) {
    case NodeOperator::join:
      return hosts.size() == 0 ? void(hosts = std::move(operand)) : hosts.add(operand);
    case NodeOperator::without:
      return hosts.remove(operand);
    case NodeOperator::both:
      return hosts.keepOnly(operand);
    case NodeOperator::either:
      return hosts.toggle(operand);
  }
}

std::string labelOf(const std::string& source, const std::string& name) {
  return "@" + (source.empty() ? "" : source + ":") + name;
}

// The length of the user's name that is put before the members of `user@@group` and `user@web*`; 0 if there is none.
size_t lengthOfUser(std::string_view element) {
  size_t at = element.find('@');
  if (at == element.npos || at == 0) return 0;
  auto rest = element.substr(at + 1);
  return rest.substr(0, 1) == "@" || hasWildcard(rest) ? at : 0;
}

HostList withUser(std::string_view user, const HostList& hosts) {
  constexpr std::string_view kScheme = "ssh://";
  HostList named;
  for (const std::string* host : hosts.inOrder()) {
    std::string name = *host;
    bool hasUser = name.find('@') != name.npos;
    size_t place = name.compare(0, kScheme.size(), kScheme) == 0 ? kScheme.size() : 0;
    if (!hasUser) name.insert(place, std::string(user) + "@");
    named.add(std::move(name));
  }
  return named;
}

}  // namespace

NodeReader::Hosts NodeReader::read(std::string_view text) {
  auto hosts = readWords(text);
  if (!hosts) return tl::unexpected(faultSentence(text, hosts.error()));
  return std::move(*hosts);
}

NodeReader::Hosts NodeReader::readGroup(const std::string& source, const std::string& name) {
  auto hosts = readNamed(source, name);
  if (!hosts) return tl::unexpected(hosts.error().what);
  return std::move(*hosts);
}

NodeReader::Read NodeReader::readWords(std::string_view text) {
  auto words = splitNodeSet(text);
  if (!words) return tl::unexpected(words.error());
  HostList hosts;
  for (const NodeWord& word : *words) {
    auto operand = movedBy(readElement(word.text), word.at);
    if (!operand) return operand;
    applyOperator(word.before, hosts, std::move(*operand));
    if (hosts.size() > kMostTargets) return movedBy(Read(tooMany(hosts.size())), word.at);
  }
  return hosts;
}

NodeReader::Read NodeReader::readElement(std::string_view text) {
  if (size_t user = lengthOfUser(text); user > 0) {
    auto hosts = movedBy(readElement(text.substr(user + 1)), user + 1);
    return hosts ? Read(withUser(text.substr(0, user), *hosts)) : std::move(hosts);
  }
  if (text[0] == '@') return movedBy(readGroups(text.substr(1)), 1);
  return hasWildcard(text) ? readWildcards(text) : readPattern(text);
}

NodeReader::Read NodeReader::readPattern(std::string_view text) {
  auto pattern = NodePattern::parse(text);
  if (!pattern) return tl::unexpected(pattern.error());
  if (pattern->count() > kMostTargets) return tooMany(pattern->count());
  HostList hosts;
  pattern->expand([&](const std::string& name) { hosts.add(name); });
  return hosts;
}

NodeReader::Read NodeReader::readWildcards(std::string_view text) {
  auto pattern = NodePattern::parse(text);
  if (!pattern) return tl::unexpected(pattern.error());
  if (pattern->count() > kMostWildcards) {
    return tl::unexpected(NodeFault{0, "expected at most " + withCommas(kMostWildcards) + " names with * or ?"});
  }
  std::vector<Wildcard> wildcards;
  pattern->expand([&](const std::string& name) { wildcards.emplace_back(name); });
  auto all = readAll("");
  if (!all) return all;
  HostList hosts;
  for (const std::string* host : all->inOrder()) {
    auto fits = [host](const Wildcard& wildcard) { return wildcard.matches(*host); };
    if (std::any_of(wildcards.begin(), wildcards.end(), fits)) hosts.add(*host);
  }
  return hosts;
}

// What follows an @.
NodeReader::Read NodeReader::readGroups(std::string_view text) {
  size_t colon = text.find(':');
  size_t begin = colon == text.npos ? 0 : colon + 1;
  std::string source(text.substr(0, begin > 0 ? colon : 0));
  auto name = text.substr(begin);
  if (name.empty() || name[0] == '@') return tl::unexpected(NodeFault{begin, "expected the name of a group after '@'"});
  if (name == "*") return readAll(source);
  auto names = movedBy(readPattern(name), begin);
  if (!names) return names;
  HostList hosts;
  for (const std::string* group : names->inOrder()) {
    auto members = readNamed(source, *group);
    if (!members) return members;
    applyOperator(NodeOperator::join, hosts, std::move(*members));
    if (hosts.size() > kMostTargets) return tooMany(hosts.size());
  }
  return hosts;
}

// Within a group, a name without a source is first looked for in the group's own.
NodeReader::Read NodeReader::readNamed(std::string source, const std::string& name) {
  tl::expected<std::optional<std::string>, std::string> expression;
  if (source.empty() && !source_.empty()) {
    expression = groups_.group(source_, name);
    if (expression && *expression) source = source_;
  }
  if (expression && !*expression) expression = groups_.group(source, name);
  if (!expression) return placeless(expression.error());
  if (!*expression) return placeless(unknownGroup(source, name));
  return readExpression(labelOf(source, name), source, **expression);
}

NodeReader::Read NodeReader::readAll(const std::string& source) {
  auto expression = groups_.all(source);
  if (!expression) return placeless(expression.error());
  return readExpression(labelOf(source, "*"), source, *expression);
}

NodeReader::Read NodeReader::readExpression(const std::string& label, std::string source,
                                            const std::string& expression) {
  HostList hosts;
  if (auto known = known_.find(label); known != known_.end()) return hosts.add(known->second), std::move(hosts);
  if (auto again = std::find(path_.begin(), path_.end(), label); again != path_.end()) {
    std::string circle;
    for (; again != path_.end(); ++again) circle += *again + " -> ";
    return placeless("the group " + label + " is part of itself: " + circle + label);
  }
  if (path_.size() == kDeepestGroups) {
    return placeless("groups name groups more than " + std::to_string(kDeepestGroups) + " deep: " + path_.front() +
                     " leads to " + label);
  }
  if (expression.find_first_not_of(kNodeBlanks) == expression.npos) return hosts;
  path_.push_back(label);
  std::swap(source_, source);
  auto members = readWords(expression);
  std::swap(source_, source);
  path_.pop_back();
  if (!members) {
    bool placed = members.error().at != std::string::npos;
    return placeless((placed ? "group " + label + ": " : "") + faultSentence(expression, members.error()));
  }
  hosts.add(*members);
  known_.emplace(label, std::move(*members));
  return hosts;
}

std::string NodeReader::unknownGroup(const std::string& source, const std::string& name) {
  std::string what = "there is no group " + printable(labelOf(source, name));
  if (!path_.empty()) what += ", which " + path_.back() + " names";
  auto groups = groups_.names();
  if (!groups) return what;
  std::vector<std::string> labels;
  for (const auto& group : *groups) labels.push_back(source.empty() ? group.name : group.source + ":" + group.name);
  std::vector<std::string_view> words(labels.begin(), labels.end());
  auto nearest = nearestWord(source.empty() ? name : source + ":" + name, words);
  if (!nearest.empty()) return what + ", did you mean @" + std::string(nearest) + "?";
  return what + (groups->empty() ? "; none are defined" : "; `cbsession nodes --groups` lists those that there are");
}

}  // namespace cbs::cli
