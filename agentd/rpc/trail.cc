#include "agentd/rpc/trail.h"

#include "agentd/telemetry/log.h"

#include <utility>

namespace cbs::rpc {
namespace {

using telemetry::Category;
using telemetry::Field;
using telemetry::Took;

std::string_view wordOf(WorkKind kind) {
  switch (kind) {
    case WorkKind::EXEC:
      return "exec";
    case WorkKind::UPLOAD:
      return "upload";
    case WorkKind::DOWNLOAD:
      return "download";
    case WorkKind::COPY:
      return "copy";
    case WorkKind::LIST:
      return "list";
    case WorkKind::JOB:
      return "job";
  }
  return "exec";
}

telemetry::Log logOf(WorkKind kind) {
  if (kind == WorkKind::EXEC) return telemetry::log(Category::COMMANDS);
  return telemetry::log(kind == WorkKind::JOB ? Category::JOBS : Category::TRANSFERS);
}

std::string_view textOf(capnp::Text::Reader text) { return {text.begin(), text.size()}; }

std::string_view stateOf(schema::Outcome::State::Reader state) {
  if (state.isExited()) return "exited";
  if (state.isSignalled()) return "signalled";
  return state.isUnknown() ? "unknown" : "notSent";
}

void addError(std::vector<Field>& fields, const Error& error) {
  if (error.kind == ErrorKind::NONE) return;
  fields.emplace_back("error", cbs::nameOf(error.kind));
  fields.emplace_back("reason", cbs::nameOf(error.reason));
  fields.emplace_back("detail", error.detail);
}

void addTimes(std::vector<Field>& fields, schema::PhaseTimes::Reader times) {
  fields.emplace_back("queue_ms", Took{times.getQueueUs()});
  fields.emplace_back("pool_ms", Took{times.getPoolUs()});
  fields.emplace_back("run_ms", Took{times.getRunUs()});
}

// Adds the id to what the error says, if it is one.
Error marked(schema::Error::Builder error, const std::string& id) {
  Error decoded = decode(error.asReader());
  if (decoded.kind == ErrorKind::NONE) return decoded;
  decoded.facts.push_back({"id", id});
  cbs::encode(decoded, error);
  return decoded;
}

}  // namespace

// A job's attempt that was not handed over is dropped only by a daemon that ends, or leaves it to another.
Trail::~Trail() noexcept(false) {
  if (ended_) return;
  const bool moves = subject_.kind >= WorkKind::UPLOAD && subject_.kind <= WorkKind::LIST;
  const bool job = subject_.kind == WorkKind::JOB;
  Fields fields = {{"outcome", moves ? "failed" : handedOver_ ? "unknown" : "notSent"}};
  Error why{ErrorKind::CANCELLED, job ? Reason::DAEMON_STOPPING : Reason::CALLER_GONE, ""};
  if (job && handedOver_) why = {ErrorKind::INTERNAL, Reason::UNSPECIFIED, "the engine has not told its end"};
  addError(fields, why);
  tell(fields, true);
}

Trail::Fields Trail::who() const {
  return {{"id", subject_.id},
          {"kind", wordOf(subject_.kind)},
          {"target", subject_.target},
          {"host", host_},
          {"remote_user", user_}};
}

Task<Expected<void>> Trail::begin(schema::ResolvedHost::Reader host) {
  host_ = std::string(host.getHostName().cStr()) + ":" + std::to_string(host.getPort());
  user_ = host.getUser().cStr();
  auto fields = who();
  if (logOf(subject_.kind).tells(LogLevel::DEBUG)) {
    auto all = fields;
    all.insert(all.end(), {{"caller", subject_.caller.key}, {"word", subject_.firstWord}});
    logOf(subject_.kind).write(LogLevel::DEBUG, "begun", all);
  }
  if (!audit_.on()) co_return {};
  auto text = AuditLog::fieldsOf(fields);
  if (!subject_.details.empty()) text += "," + subject_.details;
  auto noted = co_await audit_.note("begin", subject_.caller, kj::mv(text));
  begun_ = noted.has_value();
  co_return noted;
}

// An attempt of a job that went well is followed by the line of the job's end.
void Trail::tell(const Fields& what, bool failed) {
  if (std::exchange(ended_, true)) return;
  auto fields = who();
  if (audit_.on()) {
    auto all = fields;
    all.insert(all.end(), what.begin(), what.end());
    auto text = AuditLog::fieldsOf(all);
    if (!begun_ && !subject_.details.empty()) text += "," + subject_.details;
    audit_.add("end", subject_.caller, kj::mv(text));
  }
  const bool job = subject_.kind == WorkKind::JOB;
  const LogLevel level = job && !failed ? LogLevel::DEBUG : LogLevel::INFO;
  if (!logOf(subject_.kind).tells(level)) return;
  fields.insert(fields.end(), {{"caller", subject_.caller.key}, {"uid", subject_.caller.user}});
  if (subject_.caller.pid > 0) fields.emplace_back("pid", subject_.caller.pid);
  fields.insert(fields.end(), what.begin(), what.end());
  logOf(subject_.kind).write(level, job ? "attempt ended" : "ended", fields);
}

void Trail::end(schema::Outcome::Builder outcome) {
  outcome.setId(subject_.id.c_str());
  Error error;
  error.kind = ErrorKind::NONE;
  if (outcome.hasError()) error = marked(outcome.getError(), subject_.id);
  auto told = outcome.asReader();
  auto state = told.getState();
  Fields fields = {{"outcome", stateOf(state)}};
  if (state.isExited()) fields.emplace_back("status", state.getExited());
  if (state.isSignalled()) fields.emplace_back("signal", textOf(state.getSignalled().getName()));
  addError(fields, error);
  if (told.getAttempts() > 0) {
    fields.emplace_back("attempts", told.getAttempts());
    fields.emplace_back("reused", told.getReusedConnection());
  }
  addTimes(fields, told.getTimes());
  tell(fields, error.kind != ErrorKind::NONE);
}

void Trail::end(schema::TransferResult::Builder result) {
  result.setId(subject_.id.c_str());
  Error error;
  error.kind = ErrorKind::NONE;
  if (result.hasError()) error = marked(result.getError(), subject_.id);
  const bool failed = error.kind != ErrorKind::NONE;
  auto told = result.asReader();
  Fields fields = {{"outcome", failed ? "failed" : "done"},
                   {"files", told.getFiles()},
                   {"bytes", told.getBytes()},
                   {"failed", told.getFailed()}};
  addError(fields, error);
  addTimes(fields, told.getTimes());
  tell(fields, failed);
}

void Trail::end(schema::Error::Builder error, uint64_t us) {
  Error why = marked(error, subject_.id);
  const bool failed = why.kind != ErrorKind::NONE;
  Fields fields = {{"outcome", failed ? "failed" : "done"}, {"run_ms", Took{us}}};
  addError(fields, why);
  tell(fields, failed);
}

}  // namespace cbs::rpc
