// What a caller is told of work on many hosts.
#pragma once

#include "common/error.h"
#include "schema/fan_out.capnp.h"

#include <kj/function.h>

#include <algorithm>
#include <map>
#include <optional>
#include <string>

namespace cbs::test {

struct HostTold {
  unsigned started = 0;
  std::string out;             // of the standard output no more than a mebibyte
  size_t bytes = 0;            // of both streams, all of them
  std::optional<Error> error;  // once it has ended
  schema::Outcome::State::Which state = schema::Outcome::State::NOT_SENT;
  int status = -1;
  std::string signal = {};
};

struct FanTold {
  std::map<uint32_t, HostTold> hosts;
  size_t started = 0;
  size_t ended = 0;
  size_t messages = 0;
  size_t mostEvents = 0;  // in a message
  size_t mostBytes = 0;   // of output in a message
  bool finished = false;
  // What each message is answered with.
  kj::Function<kj::Promise<void>()> answer = []() -> kj::Promise<void> { return kj::READY_NOW; };

  // How many have ended with this as the reason.
  size_t endedWith(Reason reason) const {
    return static_cast<size_t>(std::count_if(hosts.begin(), hosts.end(), [reason](const auto& entry) {
      return entry.second.error && entry.second.error->reason == reason;
    }));
  }
};

// Notes it. What it notes outlives it.
class RecordingObserver final : public schema::FanOutObserver::Server {
 public:
  explicit RecordingObserver(FanTold& told) : told_(told) {}

  kj::Promise<void> events(EventsContext context) override {
    auto events = context.getParams().getEvents();
    size_t bytes = 0;
    for (auto event : events) bytes += note(event);
    ++told_.messages;
    told_.mostEvents = std::max<size_t>(told_.mostEvents, events.size());
    told_.mostBytes = std::max(told_.mostBytes, bytes);
    return told_.answer();
  }
  kj::Promise<void> finished(FinishedContext) override {
    told_.finished = true;
    return kj::READY_NOW;
  }

 private:
  static constexpr size_t kMostKept = size_t{1} << 20;

  // How many bytes of output it has.
  size_t note(schema::FanOutEvent::Reader event) {
    auto what = event.getWhat();
    HostTold& host = told_.hosts[event.getHost()];
    if (what.isStarted()) {
      ++told_.started;
      ++host.started;
    } else if (what.isOutput()) {
      auto bytes = what.getOutput().getBytes().asChars();
      host.bytes += bytes.size();
      bool kept = what.getOutput().getStream() == schema::OutputStream::STDOUT && host.out.size() < kMostKept;
      if (kept) host.out.append(bytes.begin(), bytes.size());
      return bytes.size();
    } else if (what.isEnded()) {
      ++told_.ended;
      noteEnd(host, what.getEnded());
    }
    return 0;
  }
  static void noteEnd(HostTold& host, schema::Outcome::Reader outcome) {
    auto state = outcome.getState();
    host.error = decode(outcome.getError());
    host.state = state.which();
    if (state.isExited()) host.status = state.getExited();
    if (state.isSignalled()) host.signal = state.getSignalled().getName().cStr();
  }

  FanTold& told_;
};

}  // namespace cbs::test
