// The audit log: who ran what where, a JSON object a line, in a file that is only ever appended to.
#pragma once

#include "agentd/rpc/caller.h"
#include "agentd/telemetry/line_writer.h"
#include "agentd/telemetry/log_text.h"
#include "common/error.h"
#include "common/loop.h"
#include "common/task.h"

#include <list>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace cbs::rpc {

class AuditLog final : private kj::TaskSet::ErrorHandler {
 public:
  // Writes to `file`; "": nothing is put on record.
  AuditLog(Loop loop, const std::string& file);
  ~AuditLog() noexcept(false);

  bool on() const { return writer_ != nullptr; }

  // The inside of an object, for what follows. What says nothing is left out.
  static std::string fieldsOf(const std::vector<telemetry::Field>& fields);

  // Puts it on record with the time and who it was, and resolves once it is in the file. Fails with
  // overloaded/auditUnavailable. Does nothing if it is not on.
  Task<Expected<void>> note(std::string event, Caller caller, std::string fields);

  // The same without waiting: for what has been done.
  void add(std::string event, Caller caller, std::string fields);

  // Another file, from now on.
  void setFile(const std::string& file);
  // For a file that was moved away.
  void reopen();
  // Why the file cannot be written, or "".
  std::string fault() const { return on() ? writer_->fault() : std::string(); }

 private:
  struct Entry {
    std::string time;
    std::string event;
    Caller caller;
    std::string fields;
  };
  // A user's name, once it is known.
  struct Name {
    std::optional<std::string> text = {};
    bool sought = false;
    kj::TimePoint since = kj::origin<kj::TimePoint>();
    kj::ForkedPromise<void> lookup = nullptr;
  };

  kj::Promise<void> whenNamed(uid_t user);
  void seek(uid_t user, Name& name);
  std::string lineOf(const Entry& entry) const;
  template <typename Condition>
  void writeUnnamed(Condition condition);
  void taskFailed(kj::Exception&& exception) override;

  Loop loop_;
  std::string file_;
  std::unique_ptr<telemetry::LineWriter> writer_;  // null: not on
  std::unordered_map<uid_t, Name> names_;
  std::list<Entry> unnamed_;  // they wait for the name
  kj::TaskSet adding_;
};

}  // namespace cbs::rpc
