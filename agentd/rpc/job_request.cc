#include "agentd/rpc/job_request.h"

#include "agentd/core/job_id.h"
#include "agentd/core/remote_command.h"
#include "agentd/engine/command_server.h"
#include "agentd/identity/resolved_host.h"
#include "agentd/queue/encoded.h"

#include <algorithm>

namespace cbs::rpc {
namespace {

// schema::JobRequest says them, too.
constexpr size_t kLongestName = 64;
constexpr size_t kLongestValue = 128;
constexpr unsigned kMostLabels = 32;
constexpr unsigned kMostDependencies = 64;
constexpr size_t kLongestCommandText = 1024;
constexpr uint64_t kLongestDeadlineMs = uint64_t{1000} * 86'400'000;
constexpr size_t kMostListed = 10'000;
constexpr unsigned kMostStates = 4;

tl::unexpected<Error> bad(std::string detail) { return fail(ErrorKind::USAGE, Reason::BAD_REQUEST, std::move(detail)); }

std::string text(capnp::Text::Reader from) { return {from.begin(), from.size()}; }
std::string text(capnp::Data::Reader from) { return {from.asChars().begin(), from.size()}; }

// What is shown as text, and goes into JSON.
bool isUtf8(const std::string& text) {
  size_t i = 0;
  while (i < text.size()) {
    auto lead = static_cast<unsigned char>(text[i++]);
    size_t more = lead < 0x80                   ? 0
                  : lead >= 0xc2 && lead < 0xe0 ? 1
                  : lead >= 0xe0 && lead < 0xf0 ? 2
                  : lead >= 0xf0 && lead < 0xf5 ? 3
                                                : 9;
    for (; more > 0; --more) {
      if (i >= text.size() || (static_cast<unsigned char>(text[i++]) & 0xc0) != 0x80) return false;
    }
  }
  return true;
}

bool isName(const std::string& name, std::string_view further) {
  auto fits = [&](char c) {
    bool isWord = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
    return isWord || further.find(c) != further.npos;
  };
  return !name.empty() && name.size() <= kLongestName && std::all_of(name.begin(), name.end(), fits);
}

// A line for people, cut if need be.
std::string commandText(schema::CommandSpec::Reader spec) {
  std::string line;
  if (spec.getCommand().isLine()) {
    line = text(spec.getCommand().getLine());
  } else {
    for (auto word : spec.getCommand().getArgv()) line += (line.empty() ? "" : " ") + core::shellQuoted(text(word));
  }
  line.resize(std::min(line.size(), kLongestCommandText));
  return line;
}

Expected<void> readLabels(capnp::List<schema::Label>::Reader labels, queue::Job& job) {
  if (labels.size() > kMostLabels) return bad("a job has at most 32 labels");
  for (auto label : labels) {
    auto name = text(label.getName()), value = text(label.getValue());
    if (!isName(name, "._-/")) return bad("'" + name + "' cannot be a label's name: 64 of A-Z a-z 0-9 . _ - /");
    if (value.size() > kLongestValue) return bad("the value of the label " + name + " is longer than 128 bytes");
    if (!isUtf8(value)) return bad("the value of the label " + name + " is not UTF-8");
    std::erase_if(job.labels, [&](const auto& earlier) { return earlier.first == name; });
    job.labels.emplace_back(std::move(name), std::move(value));
  }
  return {};
}

Expected<void> readDependencies(schema::JobRequest::Reader request, queue::Job& job) {
  if (request.getAfter().size() + request.getAfterAny().size() > kMostDependencies) {
    return bad("a job waits for at most 64 others");
  }
  auto add = [&](capnp::List<capnp::Text>::Reader jobs, bool mustSucceed) {
    for (auto other : jobs) job.after.push_back({text(other), mustSucceed});
  };
  add(request.getAfter(), true);
  add(request.getAfterAny(), false);
  return {};
}

// A command without a caller at its side.
Expected<void> checkCommand(schema::CommandSpec::Reader spec) {
  if (spec.getCommand().isSubsystem()) return bad("a job is a command, and no subsystem");
  if (spec.getForwardStdin() || spec.hasTerminal()) return bad("a job has neither standard input nor a terminal");
  auto plan = engine::planCommand(spec);
  if (!plan) return fail(plan.error());
  return {};
}

}  // namespace

JobNames JobNames::of(schema::JobRequest::Reader request) {
  return {text(request.getExec().getTarget()), text(request.getIdempotencyKey())};
}

JobNames JobNames::at(std::string target, schema::JobRequest::Reader request) {
  auto key = text(request.getIdempotencyKey());
  if (!key.empty()) key += "@" + target;
  return {std::move(target), std::move(key)};
}

Expected<queue::Job> jobOf(schema::JobRequest::Reader request, JobNames names, uint64_t nowMs) {
  auto exec = request.getExec();
  queue::Job job;
  job.name = text(request.getName());
  bool nameIsFine = job.name.empty() || (isName(job.name, "._-") && !core::looksLikeJobId(job.name));
  if (!nameIsFine) return bad("'" + job.name + "' cannot be a job's name: 64 of A-Z a-z 0-9 . _ -, and no job's id");
  job.idempotencyKey = std::move(names.idempotencyKey);
  if (job.idempotencyKey.size() > kLongestValue) {
    bool alone = request.getIdempotencyKey().size() > kLongestValue;
    return bad(std::string("the idempotency key") + (alone ? "" : " with @ and its target") +
               " is longer than 128 bytes");
  }
  if (!isUtf8(job.idempotencyKey)) return bad("the idempotency key is not UTF-8");
  if (!isUtf8(names.target)) return bad("the target is not UTF-8");
  if (auto labels = readLabels(request.getLabels(), job); !labels) return fail(labels.error());
  if (auto after = readDependencies(request, job); !after) return fail(after.error());
  if (auto command = checkCommand(exec.getSpec()); !command) return fail(command.error());
  job.target = std::move(names.target);
  job.command = commandText(exec.getSpec());
  job.priority = exec.getPriority();
  job.idempotent = exec.getIdempotent();
  job.retries = exec.getRetries();
  if (request.getDeadlineMs() > 0) job.deadlineMs = nowMs + std::min(request.getDeadlineMs(), kLongestDeadlineMs);
  return job;
}

queue::Assignment assignmentOf(schema::ExecRequest::Reader request, const std::string& target,
                               const identity::Resolved& host, const identity::CallerContext& context) {
  capnp::MallocMessageBuilder message;
  message.setRoot(request);
  auto bare = message.getRoot<schema::ExecRequest>();
  bare.setTarget(target.c_str());
  bare.disownCaller();
  bare.disownTerminal();
  queue::Assignment assignment;
  assignment.request = queue::encoded(bare.asReader());

  auto kept = identity::sentVariables(host.sendEnv(), context.environment());
  for (const auto& variable : context.environment()) {
    if ("$" + variable.first == host.identityAgent()) kept.push_back(variable);
  }
  capnp::MallocMessageBuilder surroundings;
  auto caller = surroundings.initRoot<schema::CallerContext>();
  caller.setAuthSock(context.authSock.c_str());
  auto variables = caller.initEnvironment(static_cast<unsigned>(kept.size()));
  for (unsigned i = 0; i < variables.size(); ++i) {
    variables[i].setName(kj::StringPtr(kept[i].first.c_str(), kept[i].first.size()).asBytes());
    variables[i].setValue(kj::StringPtr(kept[i].second.c_str(), kept[i].second.size()).asBytes());
  }
  assignment.context = queue::encoded(caller.asReader());
  return assignment;
}

Expected<std::vector<std::string>> jobsOf(capnp::List<capnp::Text>::Reader list) {
  if (list.size() > kMostListed) return bad("more than 10,000 jobs at once");
  std::vector<std::string> jobs;
  for (auto job : list) jobs.push_back(text(job));
  return jobs;
}

Expected<queue::JobQuery> queryOf(schema::JobFilter::Reader filter) {
  queue::JobQuery query;
  auto jobs = jobsOf(filter.getJobs());
  if (!jobs) return fail(jobs.error());
  bool tooMany = filter.getStates().size() > kMostStates || filter.getLabels().size() > kMostLabels;
  if (tooMany) return bad("more states or labels than there can be");
  query.jobs = std::move(*jobs);
  for (auto state : filter.getStates()) query.states.push_back(state);
  for (auto label : filter.getLabels()) query.labels.emplace_back(text(label.getName()), text(label.getValue()));
  query.target = text(filter.getTarget());
  query.before = text(filter.getBefore());
  query.failed = filter.getFailed();
  if (filter.getLimit() > 0) query.limit = std::min<size_t>(filter.getLimit(), kMostListed);
  return query;
}

}  // namespace cbs::rpc
