// The end of the RPC at which everything that happens on many hosts arrives.
#pragma once

#include "cli/fanout/host_board.h"
#include "cli/fanout/presenter.h"
#include "cli/fanout/terminal_console.h"

#include <kj/timer.h>

#include <functional>
#include <set>
#include <string>

namespace cbs::cli {

// Keeps the board, and shows what happens: one message after the other, each written before it is answered.
class EventReceiver {
 public:
  // All of them outlive it.
  EventReceiver(HostBoard& board, Presenter& presenter, TerminalConsole& console, kj::Timer& timer)
      : board_(board), presenter_(presenter), console_(console), timer_(timer) {}

  // Fails as Presenter does.
  Task<Expected<void>> take(capnp::List<schema::FanOutEvent>::Reader events);
  // Shows an end that the daemon has not told.
  Task<Expected<void>> end(uint32_t host, HostEnd end);

 private:
  Task<Expected<void>> takeOne(schema::FanOutEvent::Reader event);
  std::string newWarnings(uint32_t host, const HostEnd& end);

  HostBoard& board_;
  Presenter& presenter_;
  TerminalConsole& console_;
  kj::Timer& timer_;
  std::set<std::string> warned_;  // settings of ssh_config
};

}  // namespace cbs::cli
