#include "agentd/rpc/audit_log.h"

#include "agentd/telemetry/log.h"
#include "common/offload.h"

#include <kj/async.h>
#include <pwd.h>
#include <time.h>

#include <array>
#include <utility>

namespace cbs::rpc {
namespace {

// What asks for something waits no longer for the disk.
constexpr auto kWritingTime = 10 * kj::SECONDS;
constexpr auto kNamePatience = 2 * kj::SECONDS;  // nor for the directory of users
constexpr size_t kMostNames = 1024;
constexpr size_t kMostUnnamed = 1024;

// As in 2026-11-28T21:00:00.123Z.
std::string timeText() {
  timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  tm day;
  gmtime_r(&now.tv_sec, &day);
  char text[40], whole[64];
  strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &day);
  snprintf(whole, sizeof(whole), "%s.%03ldZ", text, now.tv_nsec / 1'000'000);
  return whole;
}

// May ask a directory of users in the network.
std::string lookUpName(uid_t user) {
  std::array<char, 16'384> buffer;
  passwd entry, *found = nullptr;
  bool known = getpwuid_r(user, &entry, buffer.data(), buffer.size(), &found) == 0 && found != nullptr;
  return known ? found->pw_name : "";
}

std::string lossLine(uint64_t lost) {
  std::string line = "{";
  telemetry::appendJson(line, {"time", timeText()});
  telemetry::appendJson(line, {"event", "lost"});
  telemetry::appendJson(line, {"lines", lost});
  return line + "}\n";
}

// Resolves with what became of the line.
kj::Promise<std::string> written(telemetry::LineWriter& writer, std::string line) {
  auto pair = kj::newPromiseAndCrossThreadFulfiller<std::string>();
  auto fulfiller = std::make_shared<kj::Own<kj::CrossThreadPromiseFulfiller<std::string>>>(kj::mv(pair.fulfiller));
  writer.write(std::move(line), [fulfiller](const std::string& fault) { (*fulfiller)->fulfill(std::string(fault)); });
  return kj::mv(pair.promise);
}

}  // namespace

AuditLog::AuditLog(Loop loop, const std::string& file) : loop_(loop), adding_(*this) { setFile(file); }

AuditLog::~AuditLog() noexcept(false) {
  if (!on()) return;
  writeUnnamed([](const Entry&) { return true; });
  writer_->finish();
}

std::string AuditLog::lineOf(const Entry& entry) const {
  using telemetry::appendJson;
  const Caller& caller = entry.caller;
  auto name = names_.find(caller.user);
  bool named = name != names_.end() && name->second.text && !name->second.text->empty();
  std::string line = "{";
  appendJson(line, {"time", entry.time});
  appendJson(line, {"event", entry.event});
  appendJson(line, {"uid", caller.user});
  if (named) appendJson(line, {"user", *name->second.text});
  if (caller.pid > 0) appendJson(line, {"pid", caller.pid});
  appendJson(line, {"session", caller.key});
  return line + (entry.fields.empty() ? "" : ",") + entry.fields + "}\n";
}

std::string AuditLog::fieldsOf(const std::vector<telemetry::Field>& fields) {
  std::string text;
  for (const auto& field : fields) {
    if (!field.empty()) telemetry::appendJson(text, field);
  }
  return text;
}

Task<Expected<void>> AuditLog::note(std::string event, Caller caller, std::string fields) {
  if (!on()) co_return {};
  co_await whenNamed(caller.user);
  if (!on()) co_return {};
  auto late = loop_.timer.afterDelay(kWritingTime).then([]() { return std::string("the disk does not answer"); });
  auto fault = co_await written(*writer_, lineOf({timeText(), event, caller, fields})).exclusiveJoin(kj::mv(late));
  if (!fault.empty()) co_return fail(ErrorKind::OVERLOADED, Reason::AUDIT_UNAVAILABLE, kj::mv(fault));
  co_return {};
}

void AuditLog::add(std::string event, Caller caller, std::string fields) {
  if (!on()) return;
  const uid_t user = caller.user;
  auto named = whenNamed(user);
  Entry entry{timeText(), kj::mv(event), kj::mv(caller), kj::mv(fields)};
  if (names_[user].text || unnamed_.size() >= kMostUnnamed) return writer_->write(lineOf(entry));
  unnamed_.push_back(kj::mv(entry));
  adding_.add(named.then(
      [this, user]() { writeUnnamed([user](const Entry& waiting) { return waiting.caller.user == user; }); }));
}

template <typename Condition>
void AuditLog::writeUnnamed(Condition condition) {
  std::erase_if(unnamed_, [&](const Entry& entry) {
    if (!condition(entry)) return false;
    writer_->write(lineOf(entry));
    return true;
  });
}

// Resolves when the name is known, or has been sought for so long that it is done without.
kj::Promise<void> AuditLog::whenNamed(uid_t user) {
  if (names_.size() >= kMostNames && !names_.contains(user)) names_.clear();
  Name& name = names_[user];
  if (name.text) return kj::READY_NOW;
  if (!name.sought) seek(user, name);
  return name.lookup.addBranch().exclusiveJoin(loop_.timer.atTime(name.since + kNamePatience));
}

void AuditLog::seek(uid_t user, Name& name) {
  name.sought = true;
  name.since = loop_.timer.now();
  auto found = offloadFor<std::string>(loop_, [user]() { return lookUpName(user); }).promise();
  auto noted = [this, user](std::string text) {
    names_[user].text = kj::mv(text);
    if (on()) writeUnnamed([user](const Entry& waiting) { return waiting.caller.user == user; });
  };
  // One that cannot be sought now is another time.
  auto notFound = [this, user](kj::Exception&&) { names_[user].sought = false; };
  name.lookup = found.then(kj::mv(noted), kj::mv(notFound)).fork();
}

void AuditLog::setFile(const std::string& file) {
  if (std::exchange(file_, file) == file) return;
  if (on()) writeUnnamed([](const Entry&) { return true; });
  writer_ = nullptr;
  if (!file.empty())
    writer_ =
        std::make_unique<telemetry::LineWriter>(telemetry::LineWriter::Settings{.file = file, .lossLine = lossLine});
}

void AuditLog::reopen() {
  if (on()) writer_->reopen();
}

void AuditLog::taskFailed(kj::Exception&& exception) {
  telemetry::log(telemetry::Category::APP).error("not put on record", {{"detail", exception.getDescription().cStr()}});
}

}  // namespace cbs::rpc
