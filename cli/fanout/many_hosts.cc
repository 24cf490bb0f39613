#include "cli/fanout/many_hosts.h"

#include "cli/bytes.h"
#include "cli/daemon/reach.h"
#include "cli/exec/prompter.h"
#include "cli/fanout/fan_out_run.h"
#include "cli/jobs/text_list.h"
#include "cli/output/print.h"
#include "cli/session.h"

namespace cbs::cli {
namespace {

// Room for all of it, so that it is not copied while it grows.
capnp::MessageSize sizeOfRequest(const ManyHosts& work) {
  constexpr uint64_t kRest = 4096;
  uint64_t bytes = work.input.size();
  for (const auto& target : work.targets) bytes += target.size() + 2 * sizeof(capnp::word);
  return {bytes / sizeof(capnp::word) + kRest, 2};
}

FanOutEnds endsOfRun(const ManyHosts& work, kj::Timer& timer, TerminalConsole& console, Presenter& presenter) {
  return {timer, console, presenter, work.summary, work.quiet};
}

int runOverDaemon(kj::AutoCloseFd socket, const ManyHosts& work) {
  Session session(kj::mv(socket));
  auto loop = session.loop();
  Interrupts interrupts(loop.port, work.signals);
  TerminalConsole console(loop.port);
  auto presenter = work.present(console, loop);
  if (!presenter) return reportFailure(presenter.error(), "", false);
  TerminalUsers users{.drawing = &console};
  auto request = session.agent().fanOutRequest(sizeOfRequest(work));
  auto fanOut = request.initRequest();
  setTexts(fanOut.initTargets(static_cast<unsigned>(work.targets.size())), work.targets);
  describePace(work.pace, fanOut);
  fanOut.setInput(bytesOf(work.input));
  auto caller = work.describe(fanOut.getWork());
  if (TerminalPrompter::possible())
    caller.setPrompter(kj::heap<TerminalPrompter>(loop, users, TerminalPrompter::For::MANY_HOSTS));
  FanOutRun run(work.targets, endsOfRun(work, loop.timer, console, **presenter));
  return run.run(session.client(), interrupts, kj::mv(request)).promise().wait(session.waitScope());
}

int runWithoutDaemon(Error error, const ManyHosts& work) {
  auto io = kj::setupAsyncIo();
  Loop loop{io.unixEventPort, io.provider->getTimer(), *io.lowLevelProvider};
  TerminalConsole console(loop.port);
  auto presenter = work.present(console, loop);
  if (!presenter) return reportFailure(presenter.error(), "", false);
  FanOutRun run(work.targets, endsOfRun(work, loop.timer, console, **presenter));
  return run.runNothing(std::move(error)).promise().wait(io.waitScope);
}

}  // namespace

int runOnMany(const ManyHosts& work, const DaemonPlace& place) {
  auto reached = reachDaemon(place);
  if (!reached) return runWithoutDaemon(std::move(reached.error()), work);
  return runOverDaemon(kj::mv(reached->socket), work);
}

}  // namespace cbs::cli
