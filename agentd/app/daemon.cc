#include "agentd/app/daemon.h"

#include "agentd/app/askpass.h"

#include "agentd/app/service_manager.h"
#include "agentd/engine/engine.h"
#include "agentd/engine/limits.h"
#include "agentd/rpc/acceptor.h"
#include "agentd/rpc/agent_server.h"

#include <spdlog/spdlog.h>

namespace cbs::app {
namespace {

constexpr size_t kMostCallers = 4096;  // each takes a descriptor and about 10 KiB

// How long callers may take to hear the outcome once nothing runs any more. One that is stopped never will.
constexpr auto kTelling = 2 * kj::SECONDS;

// ssh-add asks for a passphrase by running this program again, by a name that holds after an upgrade as well.
identity::Resolver::Settings resolverSettings(const Config& config, std::string keyAgentDir) {
  return {
      .configFile = config.ssh.configFile,
      .privateAgent = {.folder = std::move(keyAgentDir),
                       .askpass = "/proc/" + std::to_string(getpid()) + "/exe",
                       .askpassEnvironment = {{kAskpassVariable, "1"}},
                       .passphraseLifetime = static_cast<int64_t>(config.ssh.passphraseLifetimeMs) * kj::MILLISECONDS}};
}

core::LaneLimits laneLimits(const Config::Command& config) {
  return {.core = config.corePoolSize,
          .max = config.maxPoolSize,
          .queueCapacity = config.queueCapacity,
          .keepAlive = static_cast<int64_t>(config.keepAliveSeconds) * kj::SECONDS,
          .policy = config.rejectionPolicy};
}

}  // namespace

Daemon::Daemon(Loop loop, LoadedConfig config, ConfigSource source, std::string keyAgentDir)
    : loop_(loop),
      config_(std::move(config)),
      source_(std::move(source)),
      resolver_(loop, resolverSettings(config_.config, std::move(keyAgentDir))),
      queue_(loop.timer, laneLimits(config_.config.command)),
      vitals_(loop.timer),
      services_{.loop = loop,
                .config = config_.config,
                .resolver = resolver_,
                .queue = queue_,
                .engine = engine::newEngine(loop, config_.config),
                .work = work_,
                .vitals = vitals_,
                .callers = [this]() { return callers_.count(); },
                .stop = [this](kj::Duration grace) { stop(grace); },
                .drain = [this](kj::Duration limit) { drain(limit); },
                .reload = [this]() { return reload(); }},
      callers_(loop, kMostCallers, [this](uid_t caller) -> schema::Agent::Client {
        return kj::heap<rpc::AgentServer>(services_, caller);
      }) {}

Task<void> Daemon::acceptUntilStopped(Listener listener) {
  rpc::Acceptor acceptor(loop_, listener.fd(), callers_);
  co_await stopPair_.promise;
}

Task<void> Daemon::serve(Listener listener) {
  co_await acceptUntilStopped(kj::mv(listener));
  spdlog::info("stopping: what runs has {} s", grace_ / kj::SECONDS);
  notifyStopping();
  co_await drainEngine(grace_);
  co_await work_.whenIdle().exclusiveJoin(loop_.timer.afterDelay(kTelling));
  co_await loop_.timer.afterDelay(0 * kj::SECONDS);  // the loop goes idle before, and what was said last leaves then
}

void Daemon::stop(kj::Duration grace) {
  if (stopping_) {
    hurrying_ = drainEngine(0 * kj::SECONDS).eagerlyEvaluate(nullptr);
    return;
  }
  stopping_ = true;
  grace_ = grace;
  queue_.drain();
  stopPair_.fulfiller->fulfill();
}

void Daemon::drain(kj::Duration limit) {
  if (stopping_ || draining_) return;
  spdlog::info("draining: what was accepted runs to its end");
  queue_.drain();
  draining_.emplace(stopWhenIdle(limit));
}

Task<void> Daemon::stopWhenIdle(kj::Duration limit) {
  co_await work_.whenIdle().exclusiveJoin(loop_.timer.afterDelay(limit));
  stop(0 * kj::SECONDS);
}

tl::expected<std::vector<ConfigChange>, std::vector<ConfigFault>> Daemon::reload() {
  auto loaded = loadConfig(source_);
  if (!loaded) {
    spdlog::error("the configuration has faults, so nothing changes:");
    for (const ConfigFault& fault : loaded.error()) spdlog::error("{}", faultText(fault));
    return tl::unexpected(std::move(loaded.error()));
  }
  auto changes = changesBetween(config_, *loaded);
  for (const ConfigChange& change : changes) {
    spdlog::info("{}: {} -> {}{}", change.key, change.before, change.after,
                 change.atRestart ? " (at the next start)" : "");
  }
  apply(std::move(*loaded));
  return changes;
}

void Daemon::apply(LoadedConfig config) {
  config_ = std::move(config);
  queue_.setLimits(laneLimits(config_.config.command));
  auto request = services_.engine.configureRequest();
  engine::encode(config_.config, request.initLimits());
  configuring_ = request.send().ignoreResult().eagerlyEvaluate([](kj::Exception&& exception) {
    spdlog::error("the engine did not take its new limits: {}", exception.getDescription().cStr());
  });
}

// What waits for its turn is let through to the engine, which refuses it.
kj::Promise<void> Daemon::drainEngine(kj::Duration grace) {
  auto request = services_.engine.drainRequest();
  request.setGraceMs(static_cast<uint64_t>(grace / kj::MILLISECONDS));
  return request.send().ignoreResult();
}

}  // namespace cbs::app
