// Work on many hosts: its request, what is shown of it, its signals, its end.
#pragma once

#include "cli/exec/interrupts.h"
#include "cli/fanout/event_receiver.h"
#include "cli/fanout/progress_line.h"
#include "common/agent_client.h"
#include "common/task.h"
#include "common/turnstile.h"

#include <string>
#include <vector>

namespace cbs::cli {

// What it is connected to here. All of it outlives the run.
struct FanOutEnds {
  kj::Timer& timer;
  TerminalConsole& console;
  Presenter& presenter;
  bool summary;  // is shown in the end, for people
  bool quiet;    // but not if all went well
};

class FanOutRun {
 public:
  using Request = capnp::Request<schema::Agent::FanOutParams, schema::Agent::FanOutResults>;

  // `targets` outlives it.
  FanOutRun(const std::vector<std::string>& targets, FanOutEnds ends);

  // Sends the request, which lacks nothing but its observer, shows everything that comes of it, and gives the exit
  // code. Of `interrupts` the first is passed on, and the second leaves at once. Dropping the task cancels the work.
  Task<int> run(AgentClient& client, Interrupts& interrupts, Request request);

  // There is no daemon that could do it. A sentence about that is all that people are told.
  Task<int> runNothing(Error why);

 private:
  class Observer;
  // How the daemon's part is over: nothing, if it has told all; else what stands in the way of that.
  using Over = Expected<void>;

  Task<int> conclude(kj::Promise<Over> over);
  Task<int> showEnd(Over over);
  Task<Expected<void>> endOthers(const Error& why);
  Task<Expected<void>> summarize(const FanOutResults& results);
  Task<int> leaveOnSecondSignal(Interrupts& interrupts, schema::FanOut::Client fanOut);
  Task<Over> watchConnection(AgentClient& client, kj::Promise<void> accepted);
  Task<void> keepDrawing();
  // `; whether it has ended on 2 hosts is unknown: web[1-2]`, of those that run; "" if none does.
  std::string unknownFates() const;
  void say(const std::string& line);

  FanOutEnds ends_;
  kj::TimePoint start_;
  HostBoard board_;
  EventReceiver receiver_;
  ProgressLine progress_;
  Turnstile presenting_{1};  // a message of the daemon's, or the end
  int signal_ = 0;           // that was passed on
};

}  // namespace cbs::cli
