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

queue::JobLimits jobLimits(const Config::Jobs& config) {
  return {.capacity = config.capacity,
          .logBytes = config.outputMaxBytes,
          .logsBytes = config.outputTotalBytes,
          .retentionSeconds = config.retentionSeconds,
          .history = config.history};
}

core::LaneLimits jobLaneLimits(const Config::Jobs& config) { return {.core = config.poolSize, .max = config.poolSize}; }

core::ShareLimits shareLimits(const Config::Command& config) {
  return {.perHost = config.maxPerHost, .perCaller = config.maxPerCaller};
}

}  // namespace

Daemon::Daemon(Loop loop, LoadedConfig config, ConfigSource source, Folders folders)
    : loop_(loop),
      config_(std::move(config)),
      source_(std::move(source)),
      resolver_(loop, resolverSettings(config_.config, std::move(folders.keyAgent))),
      queue_(loop.timer, laneLimits(config_.config.command), shareLimits(config_.config.command)),
      jobQueue_(loop.timer, jobLaneLimits(config_.config.jobs), shareLimits(config_.config.command)),
      vitals_(loop.timer),
      engine_(engine::newEngine(loop, config_.config)),
      jobLauncher_(resolver_, engine_, work_),
      jobs_(loop, kj::systemPreciseCalendarClock(), jobQueue_, jobLauncher_, std::move(folders.state),
            jobLimits(config_.config.jobs)),
      services_{.loop = loop,
                .config = config_.config,
                .resolver = resolver_,
                .queue = queue_,
                .jobs = jobs_,
                .engine = engine_,
                .work = work_,
                .vitals = vitals_,
                .callers = [this]() { return callers_.count(); },
                .stop = [this](kj::Duration grace) { stop(grace); },
                .drain = [this](kj::Duration limit) { drain(limit); },
                .reload = [this]() { return reload(); }},
      callers_(loop, kMostCallers, [this](const rpc::Caller& caller) -> schema::Agent::Client {
        return kj::heap<rpc::AgentServer>(services_, caller);
      }) {}

Task<void> Daemon::acceptUntilStopped(Listener listener) {
  rpc::Acceptor acceptor(loop_, listener.fd(), callers_);
  co_await stopPair_.promise;
}

Task<void> Daemon::serve(Listener listener) {
  openJobs();
  co_await acceptUntilStopped(kj::mv(listener));
  spdlog::info("stopping: what runs has {} s", grace_ / kj::SECONDS);
  notifyStopping();
  co_await drainEngine(grace_);
  co_await whenIdle().exclusiveJoin(loop_.timer.afterDelay(kTelling));
  co_await loop_.timer.afterDelay(0 * kj::SECONDS);  // the loop goes idle before, and what was said last leaves then
}

// Nothing runs any more on anybody's behalf. Jobs that wait do so in the journal.
kj::Promise<void> Daemon::whenIdle() {
  return kj::joinPromises(kj::arr<kj::Promise<void>>(work_.whenIdle(), jobs_.whenSettled()));
}

// Without a journal there are no jobs, and commands all the same.
void Daemon::openJobs() {
  auto opened = jobs_.open();
  if (!opened) spdlog::warn("no jobs: {}: {}", opened.error().fact("file"), opened.error().detail);
  if (auto waiting = jobs_.figures().waiting; waiting > 0) spdlog::info("{} jobs wait from before", waiting);
}

void Daemon::stop(kj::Duration grace) {
  if (stopping_) {
    hurrying_ = drainEngine(0 * kj::SECONDS).eagerlyEvaluate(nullptr);
    return;
  }
  stopping_ = true;
  grace_ = grace;
  queue_.drain();
  jobs_.suspend();
  stopPair_.fulfiller->fulfill();
}

void Daemon::drain(kj::Duration limit) {
  if (stopping_ || draining_) return;
  spdlog::info("draining: what was accepted runs to its end");
  queue_.drain();
  jobs_.suspend();
  draining_.emplace(stopWhenIdle(limit));
}

Task<void> Daemon::stopWhenIdle(kj::Duration limit) {
  co_await whenIdle().exclusiveJoin(loop_.timer.afterDelay(limit));
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
  queue_.setLimits(laneLimits(config_.config.command), shareLimits(config_.config.command));
  jobQueue_.setLimits(jobLaneLimits(config_.config.jobs), shareLimits(config_.config.command));
  jobs_.setLimits(jobLimits(config_.config.jobs));
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
