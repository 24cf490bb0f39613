#include "cli/jobs/submit_many.h"

#include "cli/jobs/text_list.h"
#include "cli/nodes/targets.h"
#include "cli/output/exit_code.h"
#include "cli/output/explain_error.h"
#include "cli/output/print.h"
#include "common/json.h"
#include "schema/cli.capnp.h"

#include <capnp/message.h>

#include <algorithm>
#include <map>
#include <tuple>

namespace cbs::cli {
namespace {

// So many are asked for in one call: their ids are printed when they are known, and no answer takes long.
constexpr size_t kTargetsAtOnce = 1000;
constexpr auto kTimeToSubmit = 60 * kj::SECONDS;

// Targets of which the same became.
struct SameFailure {
  Error error;
  std::vector<std::string> targets;
};

class Submissions {
 public:
  explicit Submissions(const std::vector<std::string>& targets) : targets_(targets) {}

  // The answer for the next ones.
  void add(capnp::List<schema::Submission>::Reader answer);
  // Why there is none for those that are left.
  void fail(const Error& error);
  int report(bool json) const;

 private:
  struct Submission {
    std::string id;
    bool existing = false;
    Error error = {ErrorKind::NONE, Reason::UNSPECIFIED, ""};
  };
  std::vector<SameFailure> failures() const;
  void sayExisting() const;
  void sayFailures() const;
  void printJson() const;

  const std::vector<std::string>& targets_;
  std::vector<Submission> all_;
};

void Submissions::add(capnp::List<schema::Submission>::Reader answer) {
  for (auto submission : answer) {
    Error error = decode(submission.getError());
    if (error.reason == Reason::BAD_REQUEST) error.facts.push_back({"command", "submit"});
    all_.push_back({submission.getId().cStr(), submission.getExisting(), std::move(error)});
  }
}

void Submissions::fail(const Error& error) {
  while (all_.size() < targets_.size()) all_.push_back({"", false, error});
}

std::vector<SameFailure> Submissions::failures() const {
  std::vector<SameFailure> failures;
  std::map<std::tuple<ErrorKind, Reason, std::string>, size_t> known;
  for (size_t i = 0; i < all_.size(); ++i) {
    const Error& error = all_[i].error;
    if (error.kind == ErrorKind::NONE) continue;
    auto [place, isNew] = known.try_emplace({error.kind, error.reason, error.detail}, failures.size());
    if (isNew) failures.push_back({error, {}});
    failures[place->second].targets.push_back(targets_[i]);
  }
  return failures;
}

void Submissions::sayExisting() const {
  std::vector<std::string> existing;
  for (size_t i = 0; i < all_.size(); ++i) {
    if (all_[i].existing) existing.push_back(targets_[i]);
  }
  if (existing.empty()) return;
  printError("cbsession: " + std::to_string(existing.size()) + " of " + std::to_string(all_.size()) +
             " have a job of this idempotency key already: " + foldTargets(existing) + "\n");
}

// One sentence for those of which the same became: they may be thousands.
void Submissions::sayFailures() const {
  auto all = failures();
  for (const auto& [error, targets] : all) {
    bool everywhere = targets.size() == targets_.size();
    std::string folded = foldTargets(targets);
    printError(sentence(error, everywhere ? subjectOfSubmission(error, folded) : folded));
  }
}

void Submissions::printJson() const {
  capnp::MallocMessageBuilder message;
  auto report = message.initRoot<schema::SubmissionsReport>();
  auto jobs = report.initJobs(static_cast<unsigned>(all_.size()));
  for (unsigned i = 0; i < jobs.size(); ++i) {
    jobs[i].setTarget(targets_[i].c_str());
    if (all_[i].error.kind != ErrorKind::NONE) {
      describeFailure(all_[i].error, targets_[i], jobs[i].initError());
    } else {
      jobs[i].setId(all_[i].id.c_str());
      jobs[i].setExisting(all_[i].existing);
    }
  }
  print(toJson<schema::SubmissionsReport>(report));
}

int Submissions::report(bool json) const {
  sayExisting();
  sayFailures();
  if (json) printJson();
  int code = 0;
  for (const auto& submission : all_) code = std::max(code, exitCodeOf(submission.error.kind));
  return code;
}

std::string idLines(capnp::List<schema::Submission>::Reader answer) {
  std::string lines;
  for (auto submission : answer) {
    if (submission.getId().size() > 0) lines += std::string(submission.getId().cStr()) + "\n";
  }
  return lines;
}

}  // namespace

int submitMany(Session& session, const SubmitOptions& options, const std::vector<std::string>& targets, bool json) {
  Submissions submissions(targets);
  for (size_t first = 0; first < targets.size(); first += kTargetsAtOnce) {
    auto begin = targets.begin() + static_cast<ptrdiff_t>(first);
    std::vector<std::string> some(begin,
                                  begin + static_cast<ptrdiff_t>(std::min(kTargetsAtOnce, targets.size() - first)));
    auto request = session.agent().submitAllRequest();
    describeJob(options, request.initRequest());
    setTexts(request.initTargets(static_cast<unsigned>(some.size())), some);
    auto answer = session.ask(request.send(), kTimeToSubmit);
    if (!answer) {
      submissions.fail(unanswered(std::move(answer.error())));
      break;
    }
    submissions.add(answer->getSubmissions());
    if (!json) print(idLines(answer->getSubmissions()));
  }
  return submissions.report(json);
}

std::string subjectOfSubmission(const Error& error, const std::string& target) {
  bool other = error.reason == Reason::JOB_NOT_FOUND || error.reason == Reason::IDEMPOTENCY_KEY_TAKEN ||
               error.reason == Reason::JOURNAL_UNAVAILABLE || error.reason == Reason::BAD_REQUEST ||
               error.kind == ErrorKind::AGENT_UNREACHABLE;
  return other ? "" : target;
}

Error unanswered(Error error) {
  bool sent = error.kind == ErrorKind::AGENT_UNREACHABLE && error.reason == Reason::UNSPECIFIED;
  return sent ? std::move(error).with("taken", "unknown") : std::move(error);
}

}  // namespace cbs::cli
