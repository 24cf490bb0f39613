#include "agentd/app/run.h"

#include "agentd/app/daemon.h"
#include "agentd/app/exit_code.h"
#include "agentd/app/logging.h"
#include "agentd/app/readiness.h"
#include "agentd/app/service_manager.h"
#include "common/paths.h"

#include <signal.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

namespace cbs::app {
namespace {

constexpr auto kGrace = 5 * kj::SECONDS;  // PRODUCT.md: running commands get as much at SIGTERM

ConfigSource configSource(const Options& options, const Environment& environment, const Paths& paths) {
  return {.path = options.config.empty() ? paths.config : options.config,
          .pathWasExplicit = !options.config.empty() || !lookUp(environment, "CBSESSION_CONFIG").empty(),
          .environment = environment,
          .profileOverride = options.profile};
}

std::string linesOf(const std::vector<ConfigFault>& faults) {
  std::string lines;
  for (const ConfigFault& fault : faults) lines += (lines.empty() ? "" : "\n") + faultText(fault);
  return lines;
}

std::string sentenceOf(const Error& error) {
  if (error.reason != Reason::ALREADY_EXISTS) return error.detail;
  auto pid = error.fact("pid");
  return "already running" + (pid.empty() ? "" : ", pid " + std::string(pid));
}

// The first of these signals lets what runs end, the second does not.
Task<void> stopOnSignal(kj::UnixEventPort& port, Daemon& daemon, int number) {
  for (auto grace = kGrace;; grace = 0 * kj::SECONDS) {
    co_await port.onSignal(number);
    daemon.stop(grace);
  }
}

Task<void> reloadOnHangup(kj::UnixEventPort& port, Daemon& daemon) {
  for (;;) {
    co_await port.onSignal(SIGHUP);
    std::ignore = daemon.reload();
  }
}

int serve(LoadedConfig config, ConfigSource source, const std::string& stateFolder, const SocketLock& lock,
          Readiness& readiness) {
  for (int number : {SIGTERM, SIGINT, SIGHUP}) kj::UnixEventPort::captureSignal(number);
  auto io = kj::setupAsyncIo();
  Loop loop{io.unixEventPort, io.provider->getTimer(), *io.lowLevelProvider};
  Daemon daemon(loop, std::move(config), std::move(source), {lock.socketPath() + ".keys", stateFolder});
  auto listener = Listener::open(lock);
  if (!listener) return readiness.fail(sentenceOf(listener.error()), kFailed);
  auto onTerm = stopOnSignal(loop.port, daemon, SIGTERM);
  auto onInterrupt = stopOnSignal(loop.port, daemon, SIGINT);
  auto onHangup = reloadOnHangup(loop.port, daemon);
  auto watchdog = keepWatchdogCalm(loop.timer);
  auto serving = daemon.serve(kj::mv(*listener));
  spdlog::info("ready at {}, pid {}", lock.socketPath(), getpid());
  notifyReady();
  readiness.announce();
  kj::mv(serving).promise().wait(io.waitScope);
  // What still runs on its own would end in the destructor of the event loop, where nothing may be waited for any more.
  io.waitScope.cancelAllDetached();
  spdlog::info("ended");
  return kEnded;
}

}  // namespace

int run(const Options& options) {
  setUpLog(options.logLevel);
  LibraryLog libraryLog;
  Readiness readiness(options.readyFd);
  auto environment = processEnvironment();
  auto paths = daemonPaths(environment, geteuid());
  auto source = configSource(options, environment, paths);
  auto config = loadConfig(source);
  if (!config) return readiness.fail(linesOf(config.error()), kUsage);
  auto lock = SocketLock::take(options.socket.empty() ? paths.socket : options.socket);
  if (!lock) {
    bool taken = lock.error().reason == Reason::ALREADY_EXISTS;
    return readiness.fail(sentenceOf(lock.error()), taken ? kAlreadyRunning : kFailed);
  }
  return serve(std::move(*config), std::move(source), paths.state, *lock, readiness);
}

}  // namespace cbs::app
