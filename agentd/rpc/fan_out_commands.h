// The same command on many hosts.
#pragma once

#include "agentd/rpc/admission.h"
#include "agentd/rpc/host_work.h"
#include "schema/agent.capnp.h"

#include <capnp/message.h>

#include <memory>
#include <string>

namespace cbs::rpc {

// Each host's command goes a command's ordinary way (QueuedCommand), in lanes of the fan-outs' own. What is the same
// for all of them is there once.
class FanOutCommands final : public HostWorks {
 public:
  // `input` is the standard input of each command that is to get some.
  FanOutCommands(Services& services, const Caller& caller, schema::ExecRequest::Reader request,
                 capnp::Data::Reader input);

  kj::Own<HostWork> begin(uint32_t host, kj::StringPtr target, uint64_t limitMs, HostListener& listener) override;
  void refuse(uint32_t host, const Error& why, HostListener& listener) override;
  uint64_t timeoutMs() const override { return timeoutMs_; }
  std::string what() const override { return what_; }
  std::string details() const override;

 private:
  Services& services_;
  Applicant applicant_;  // without its target and time
  capnp::MallocMessageBuilder request_;
  std::shared_ptr<const kj::Array<kj::byte>> input_;  // null: none is to get any
  uint64_t timeoutMs_;
  std::string what_;
};

}  // namespace cbs::rpc
