// Uploads to many hosts: each goes an upload's ordinary way (QueuedTransfer), in lanes of the fan-outs' own.
#pragma once

#include "agentd/rpc/host_work.h"
#include "agentd/rpc/services.h"
#include "schema/agent.capnp.h"

#include <capnp/message.h>

namespace cbs::rpc {

// Asks the caller for its files anew for each host, when its turn has come.
class FanOutUploads final : public HostWorks {
 public:
  // `request` is for an upload; what is needed of it is copied. `services` outlive it.
  FanOutUploads(Services& services, Caller caller, schema::FanOutRequest::Reader request);

  kj::Own<HostWork> begin(uint32_t host, kj::StringPtr target, uint64_t limitMs, HostListener& listener) override;
  void refuse(uint32_t host, const Error& why, HostListener& listener) override;
  // An upload takes as long as it takes.
  uint64_t timeoutMs() const override { return 0; }
  std::string what() const override { return "upload"; }
  std::string details() const override;

 private:
  Services& services_;
  Caller caller_;
  schema::FileSources::Client sources_;
  mutable capnp::MallocMessageBuilder common_;  // a TransferRequest that lacks its files and its target
};

}  // namespace cbs::rpc
