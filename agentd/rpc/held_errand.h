// A caller's hold on a transfer or a listing, from the moment at which it is asked for.
#pragma once

#include "agentd/rpc/errand.h"
#include "agentd/rpc/trail.h"
#include "agentd/rpc/until_told.h"
#include "schema/transfer.capnp.h"

namespace cbs::rpc {

// While it waits for its lane it is cancelled here; once the engine has it, the engine is asked. Being dropped, it
// cancels it, wherever it is.
class HeldErrand : public schema::Transfer::Server, protected Errand {
 public:
  kj::Promise<void> cancel(CancelContext context) override;

 protected:
  explicit HeldErrand(Services& services) : services_(services) {}

  // To be called in the constructor, before begin(). The id is made here.
  void leaveTrail(Trail::Subject subject);
  Trail& trail() { return *trail_; }
  const std::shared_ptr<Trail>& sharedTrail() const { return trail_; }
  // To be called at the end of the constructor.
  void begin(Applicant applicant);
  // What handOver() gives: the errand is the engine's until `told`. `transfer` is its hold on it.
  template <typename Results>
  kj::Promise<void> withEngine(capnp::RemotePromise<Results> running, schema::Transfer::Client transfer,
                               kj::Promise<void> told) {
    engines_ = kj::mv(transfer);
    phase_ = Phase::WITH_ENGINE;
    return untilTold(kj::mv(running), kj::mv(told)).then([this]() { phase_ = Phase::ENDED; });
  }
  // Sends the caller the last word. Is called once at most, and never when the engine has sent it.
  virtual kj::Promise<void> tellEnd(const Error& why) = 0;
  // Tells the caller once, whoever asks for it.
  kj::Promise<void> end(const Error& why) final;

  Services& services_;

 private:
  enum class Phase { WAITING, WITH_ENGINE, ENDED };

  std::shared_ptr<Trail> trail_;
  schema::Transfer::Client engines_ = nullptr;
  Phase phase_ = Phase::WAITING;
  kj::Promise<void> errand_ = nullptr;
};

}  // namespace cbs::rpc
