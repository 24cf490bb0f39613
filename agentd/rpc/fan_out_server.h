// A caller's hold on work on many hosts.
#pragma once

#include "agentd/core/fan_plan.h"
#include "agentd/rpc/fan_out_outbox.h"
#include "agentd/rpc/fan_outs.h"
#include "agentd/rpc/host_work.h"
#include "agentd/rpc/services.h"
#include "schema/agent.capnp.h"

#include <capnp/message.h>

#include <string>
#include <unordered_map>
#include <vector>

namespace cbs::rpc {

// Begins on the hosts as the plan says, and tells what becomes of each. Being dropped, it cancels all of it.
class FanOutServer final : public schema::FanOut::Server, private HostListener, private FanOuts::Member {
 public:
  // `request` makes sense (fan_out_request.h).
  FanOutServer(Services& services, Caller caller, schema::FanOutRequest::Reader request,
               schema::FanOutObserver::Client observer);
  ~FanOutServer() noexcept(false);

  kj::Promise<void> signal(SignalContext context) override;
  kj::Promise<void> cancel(CancelContext context) override;

 private:
  kj::Promise<void> printed(uint32_t host, Chunk chunk) override;
  void ended(uint32_t host, schema::Outcome::Reader outcome) override;
  void moved(uint32_t host, schema::TransferResult::Reader result) override;
  void drain() override { stop(core::FanStop::DRAINING); }
  uint32_t waiting() const override { return plan_.waiting(); }

  Task<void> run();
  bool beginSome();
  void begin(uint32_t host);
  uint64_t limitMs() const;
  Task<void> refuseRest();
  bool mustRefuse() const;
  Error whyNotBegun() const;
  bool isOverdue(uint32_t host, schema::Error::Reader error) const;
  void settle(uint32_t host, bool failed);
  void letGoOfEnded();
  void stop(core::FanStop why);
  void change();
  kj::Promise<void> whenChanged();
  void loseCaller();
  void noteBegin() const;
  void noteEnd();

  Services& services_;
  const Caller caller_;
  const std::string id_;
  capnp::MallocMessageBuilder message_;  // the targets
  capnp::List<capnp::Text>::Reader targets_;
  const kj::TimePoint start_;
  const kj::Duration deadline_;  // from then on; 0: none
  kj::Own<HostWorks> works_;
  core::FanPlan plan_;
  FanOutOutbox outbox_;
  std::unordered_map<uint32_t, kj::Own<HostWork>> running_;
  std::vector<uint32_t> ended_;  // those of them to be let go of
  uint32_t refused_ = 0;
  bool changed_ = false;
  kj::Own<kj::PromiseFulfiller<void>> waitsForChange_;
  bool endNoted_ = false;
  kj::Promise<void> run_ = nullptr;
  kj::Promise<void> callerGone_ = nullptr;
};

}  // namespace cbs::rpc
