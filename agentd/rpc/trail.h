// What is told of a piece of work as it goes its way: lines of the log and, if there is one, of the audit log.
#pragma once

#include "agentd/rpc/audit_log.h"
#include "schema/engine.capnp.h"

#include <memory>
#include <string>

namespace cbs::rpc {

enum class WorkKind { EXEC, UPLOAD, DOWNLOAD, COPY, LIST, JOB };

class Trail {
 public:
  // `id` is by which it is known. `details` are for the audit log (audit_fields.h), `firstWord` of its command for the
  // log. `audit` outlives it.
  struct Subject {
    std::string id;
    WorkKind kind;
    Caller caller;
    std::string target;
    std::string details = "";
    std::string firstWord = "";
  };
  Trail(AuditLog& audit, Subject subject) : audit_(audit), subject_(kj::mv(subject)) {}
  // Of work that nobody waits for any more it tells that.
  ~Trail() noexcept(false);
  KJ_DISALLOW_COPY(Trail);

  const std::string& id() const { return subject_.id; }

  // Tells that it begins, before anything is sent to the host. Fails with overloaded/auditUnavailable, and then
  // nothing may be sent.
  Task<Expected<void>> begin(schema::ResolvedHost::Reader host);

  // From now on a command may have been sent.
  void handedOver() { handedOver_ = true; }

  // Tell how it has ended, and put its id into what the caller is told. Once only.
  void end(schema::Outcome::Builder outcome);
  void end(schema::TransferResult::Builder result);
  void end(schema::Error::Builder error, uint64_t us);

 private:
  using Fields = std::vector<telemetry::Field>;

  Fields who() const;
  void tell(const Fields& what, bool failed);

  AuditLog& audit_;
  Subject subject_;
  std::string host_;
  std::string user_;
  bool begun_ = false;  // it is on record what it is
  bool handedOver_ = false;
  bool ended_ = false;
};

}  // namespace cbs::rpc
