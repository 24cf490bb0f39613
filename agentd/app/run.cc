#include "agentd/app/run.h"

#include "agentd/app/daemon.h"
#include "agentd/app/exit_code.h"
#include "agentd/app/heir.h"
#include "agentd/app/logging.h"
#include "agentd/app/readiness.h"
#include "agentd/app/service_manager.h"
#include "agentd/telemetry/log.h"
#include "common/paths.h"
#include "common/version.h"

#include <fcntl.h>
#include <signal.h>
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
    notifyReloading();
    std::ignore = daemon.reload();
    notifyReady();
  }
}

Task<void> replaceOnSignal(kj::UnixEventPort& port, Daemon& daemon) {
  for (;;) {
    co_await port.onSignal(SIGUSR2);
    std::ignore = co_await daemon.replace();
  }
}

// What a daemon that is to be replaced has passed on.
struct Inheritance {
  explicit Inheritance(int first) {
    for (int i = 0; i < kInherited; ++i) {
      descriptors[i] = kj::AutoCloseFd(first + i);
      fcntl(descriptors[i], F_SETFD, FD_CLOEXEC);
    }
  }
  kj::AutoCloseFd take(InheritedDescriptor which) { return kj::mv(descriptors[which]); }

  kj::AutoCloseFd descriptors[kInherited];
};

// What a daemon starts with.
struct Beginning {
  LoadedConfig config;
  ConfigSource source;
  std::string stateFolder;
  SocketLock lock;
  Program program;
  std::optional<Inheritance> inheritance;
};

bool isForGroups(const Config::Access& access) { return !access.allowGroups.empty() || !access.viewGroups.empty(); }

// Waits until everything of the other daemon's is ours.
Expected<Post> inherit(SocketLock lock, kj::AutoCloseFd socket, bool forGroups, Heir& heir, kj::WaitScope& waitScope) {
  try {
    auto taken = heir.whenTaken().wait(waitScope);
    if (auto signedBy = lock.sign(); !signedBy) {
      telemetry::log(telemetry::Category::APP)
          .warn("the lock has an earlier pid", {{"detail", signedBy.error().detail}});
    }
    auto listener = Listener::inherit(lock, kj::mv(socket), taken.ownsSocket, forGroups);
    return Post{std::move(lock), std::move(listener)};
  } catch (const kj::Exception& exception) {
    return fail(ErrorKind::INTERNAL, Reason::UNSPECIFIED, exception.getDescription().cStr());
  }
}

Expected<Post> openPost(SocketLock lock, bool forGroups) {
  auto listener = Listener::open(lock, forGroups);
  if (!listener) return fail(std::move(listener.error()));
  return Post{std::move(lock), std::move(*listener)};
}

int serve(Beginning beginning, Logging& logging, Readiness& readiness) {
  for (int number : {SIGTERM, SIGINT, SIGHUP, SIGUSR2}) kj::UnixEventPort::captureSignal(number);
  auto io = kj::setupAsyncIo();
  Loop loop{io.unixEventPort, io.provider->getTimer(), *io.lowLevelProvider};
  const std::string socket = beginning.lock.socketPath();
  const bool forGroups = isForGroups(beginning.config.config.access);
  Daemon daemon(loop, std::move(beginning.config), std::move(beginning.source),
                {socket + ".keys", std::move(beginning.stateFolder)}, logging, std::move(beginning.program));
  std::optional<Heir> heir;
  auto& inheritance = beginning.inheritance;
  if (inheritance) heir.emplace(loop, inheritance->take(kLink), daemon);
  auto post = heir ? inherit(std::move(beginning.lock), inheritance->take(kListener), forGroups, *heir, io.waitScope)
                   : openPost(std::move(beginning.lock), forGroups);
  if (!post) return readiness.fail(sentenceOf(post.error()), kFailed);
  auto onTerm = stopOnSignal(loop.port, daemon, SIGTERM);
  auto onInterrupt = stopOnSignal(loop.port, daemon, SIGINT);
  auto onHangup = reloadOnHangup(loop.port, daemon);
  auto onReplace = replaceOnSignal(loop.port, daemon);
  auto serving = daemon.serve(std::move(*post));
  auto appLog = telemetry::log(telemetry::Category::APP);
  appLog.info("ready", {{"socket", socket}, {"pid", getpid()}, {"version", kVersion}});
  notifyReady();
  readiness.announce();
  kj::mv(serving).promise().wait(io.waitScope);
  // What still runs on its own would end in the destructor of the event loop, where nothing may be waited for any more.
  io.waitScope.cancelAllDetached();
  appLog.info("ended");
  return kEnded;
}

Expected<SocketLock> takeLock(const std::string& socket, std::optional<Inheritance>& inheritance) {
  if (!inheritance) return SocketLock::take(socket);
  succeedMainProcess();
  return SocketLock::inherit(socket, inheritance->take(kLock));
}

}  // namespace

int run(const Options& options) {
  Readiness readiness(options.readyFd);
  std::optional<Inheritance> inheritance;
  if (options.handoverFd) inheritance.emplace(*options.handoverFd);
  auto environment = processEnvironment();
  auto paths = daemonPaths(environment, geteuid());
  auto source = configSource(options, environment, paths);
  auto config = loadConfig(source);
  if (!config) return readiness.fail(linesOf(config.error()), kUsage);
  Logging logging(options, paths.state);
  logging.apply(config->config.log);
  logging.tellFaults(config->config.log);
  LibraryLog libraryLog;
  auto lock = takeLock(options.socket.empty() ? paths.socket : options.socket, inheritance);
  if (!lock) {
    bool taken = lock.error().reason == Reason::ALREADY_EXISTS;
    return readiness.fail(sentenceOf(lock.error()), taken ? kAlreadyRunning : kFailed);
  }
  return serve(
      {std::move(*config), std::move(source), paths.state, std::move(*lock), options.program, std::move(inheritance)},
      logging, readiness);
}

}  // namespace cbs::app
