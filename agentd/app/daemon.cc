#include "agentd/app/daemon.h"

#include "agentd/app/askpass.h"

#include "agentd/app/service_manager.h"
#include "agentd/engine/engine.h"
#include "agentd/engine/limits.h"
#include "agentd/rpc/agent_server.h"
#include "agentd/rpc/guarded_agent.h"
#include "agentd/rpc/job_trail.h"
#include "agentd/telemetry/log.h"

#include <unistd.h>

#include <algorithm>

namespace cbs::app {
namespace {

const telemetry::Log kLog(telemetry::Category::APP);

constexpr size_t kMostCallers = 4096;  // each takes a descriptor and about 10 KiB

// How long callers may take to hear the outcome once nothing runs any more. One that is stopped never will.
constexpr auto kTelling = 2 * kj::SECONDS;

// How long a daemon of which this one is the successor may take longer to cancel what it runs: TERM, KILL, and giving
// up.
constexpr auto kCancelling = 5 * kj::SECONDS;

// ssh-add asks for a passphrase by running this program again, by a name that holds after an upgrade as well.
identity::Resolver::Settings resolverSettings(const Config& config, std::string keyAgentDir) {
  return {
      .configFile = config.ssh.configFile,
      .privateAgent = {.folder = std::move(keyAgentDir),
                       .socketName = "agent." + std::to_string(getpid()) + ".sock",
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

// Each fan-out has at most as many hosts here as there are lanes, so that what waits has a bound of its own.
core::LaneLimits fanOutLaneLimits(const Config::FanOut& config) {
  return {.core = config.poolSize, .max = config.poolSize, .policy = RejectionPolicy::BLOCK};
}

bool isChosen(const LoadedConfig& config, std::string_view key) {
  auto isIt = [key](const ConfigEntry& entry) { return entry.key == key; };
  auto entry = std::find_if(config.entries.begin(), config.entries.end(), isIt);
  return entry != config.entries.end() && entry->origin != "default";
}

core::ShareLimits shareLimits(const Config::Command& config) {
  return {.perHost = config.maxPerHost, .perCaller = config.maxPerCaller};
}

}  // namespace

Daemon::Daemon(Loop loop, LoadedConfig config, ConfigSource source, Folders folders, Logging& logging, Program program)
    : loop_(loop),
      config_(std::move(config)),
      source_(std::move(source)),
      logging_(logging),
      resolver_(loop, resolverSettings(config_.config, std::move(folders.keyAgent))),
      queue_(loop.timer, laneLimits(config_.config.command), shareLimits(config_.config.command)),
      fanOutQueue_(loop.timer, fanOutLaneLimits(config_.config.fanOut), shareLimits(config_.config.command)),
      jobQueue_(loop.timer, jobLaneLimits(config_.config.jobs), shareLimits(config_.config.command)),
      audit_(loop, config_.config.log.auditFile),
      vitals_(loop.timer),
      engine_(engine::newEngine(loop, config_.config)),
      jobLauncher_(resolver_, engine_, work_, audit_),
      jobs_(loop, kj::systemPreciseCalendarClock(), jobQueue_, jobLauncher_, std::move(folders.state),
            jobLimits(config_.config.jobs)),
      services_{.loop = loop,
                .config = config_.config,
                .resolver = resolver_,
                .queue = queue_,
                .fanOutQueue = fanOutQueue_,
                .jobs = jobs_,
                .engine = engine_,
                .work = work_,
                .vitals = vitals_,
                .callers = [this]() { return callers_.count(); },
                .stop = [this](kj::Duration grace) { stop(grace); },
                .drain = [this](kj::Duration limit) { drain(limit); },
                .reload = [this]() { return reload(); },
                .httpFault = [this]() { return httpFault(); },
                .audit = audit_,
                .fanOuts = fanOuts_,
                .replace = [this]() { return replace(); }},
      access_(loop),
      callers_(loop, kMostCallers, [this](const rpc::Caller& caller) { return agentFor(caller); }),
      healthWatch_(services_),
      program_(std::move(program)) {
  access_.setRules(config_.config.access);
  jobs_.onEnd([](const queue::Ending& ending) { rpc::logJobEnded(ending); });
}

Expected<schema::Agent::Client> Daemon::agentFor(const rpc::Caller& caller) {
  if (access_.roleOf(caller) == rpc::Role::NOBODY) return fail(access_.refusal());
  return schema::Agent::Client(
      kj::heap<rpc::GuardedAgent>(kj::heap<rpc::AgentServer>(services_, caller), access_, caller));
}

// Whatever callers come in by.
void Daemon::openDoors() {
  acceptor_.emplace(loop_, post_->listener.fd(), access_, callers_);
  openHttp();
}

void Daemon::closeDoors() {
  acceptor_.reset();
  http_.reset();
}

Task<void> Daemon::serve(Post post) {
  post_.emplace(std::move(post));
  if (!adopted_) openJobs();
  openDoors();
  watchdog_.emplace(keepWatchdogCalm(loop_.timer));
  co_await stopPair_.promise;
  acceptor_.reset();
  post_.reset();
  if (successor_ == nullptr) {
    kLog.info("stopping", {{"grace_s", grace_ / kj::SECONDS}});
    notifyStopping();
  }
  co_await drainEngine(grace_);
  co_await whenIdle().exclusiveJoin(loop_.timer.afterDelay(patience()));
  co_await loop_.timer.afterDelay(0 * kj::SECONDS);  // the loop goes idle before, and what was said last leaves then
}

// For what has run to be told, and for what runs in another daemon to end.
kj::Duration Daemon::patience() const { return predecessor_ == nullptr ? kTelling : kTelling + grace_ + kCancelling; }

// Nothing runs any more on anybody's behalf, here or in a daemon before this one, whose callers ask this one for what
// it does not have. Jobs that wait do so in the journal.
kj::Promise<void> Daemon::whenIdle() {
  return kj::joinPromises(kj::arr<kj::Promise<void>>(work_.whenIdle(), jobs_.whenSettled(), alone_.addBranch()));
}

// Without a journal there are no jobs, and commands all the same.
void Daemon::openJobs() {
  auto opened = jobs_.open();
  if (!opened) kLog.warn("no jobs", {{"file", opened.error().fact("file")}, {"detail", opened.error().detail}});
  if (auto waiting = jobs_.figures().waiting; waiting > 0) kLog.info("jobs wait from before", {{"jobs", waiting}});
}

void Daemon::openHttp() {
  const std::string& address = config_.config.http.listen;
  if (address.empty()) return;
  rpc::Caller itself{geteuid(), "http"};
  http_.emplace(loop_, address, kj::heap<rpc::AgentServer>(services_, kj::mv(itself)), config_.config.metrics);
}

// At the default address one daemon of a machine can serve; that the others cannot is nobody's fault.
std::string Daemon::httpFault() const {
  return http_ && isChosen(config_, "http.listen") ? http_->fault() : std::string();
}

void Daemon::stop(kj::Duration grace) {
  if (isPassing_) {
    stopAskedMeanwhile_ = grace;
    return;
  }
  KJ_IF_MAYBE (predecessor, predecessor_) {
    auto request = predecessor->stopRequest();
    request.setGraceMs(static_cast<uint64_t>(grace / kj::MILLISECONDS));
    request.send().detach([](kj::Exception&&) {});
  }
  end(grace);
}

void Daemon::end(kj::Duration grace) {
  if (stopping_) {
    hurrying_ = drainEngine(0 * kj::SECONDS).eagerlyEvaluate(nullptr);
    return;
  }
  stopping_ = true;
  grace_ = grace;
  queue_.drain();
  fanOutQueue_.drain();
  fanOuts_.drain();
  jobs_.suspend();
  stopPair_.fulfiller->fulfill();
}

void Daemon::drain(kj::Duration limit) {
  if (stopping_ || draining_) return;
  kLog.info("draining");
  KJ_IF_MAYBE (predecessor, predecessor_) {
    auto request = predecessor->drainRequest();
    request.setLimitMs(static_cast<uint64_t>(limit / kj::MILLISECONDS));
    request.send().detach([](kj::Exception&&) {});
  }
  queue_.drain();
  fanOutQueue_.drain();
  fanOuts_.drain();
  jobs_.suspend();
  draining_.emplace(stopWhenIdle(limit));
}

Task<void> Daemon::stopWhenIdle(kj::Duration limit) {
  co_await whenIdle().exclusiveJoin(loop_.timer.afterDelay(limit));
  stop(0 * kj::SECONDS);
}

tl::expected<std::vector<ConfigChange>, std::vector<ConfigFault>> Daemon::reload() {
  KJ_IF_MAYBE (predecessor, predecessor_) {
    predecessor->reloadRequest().send().detach([](kj::Exception&&) {});
  }
  logging_.reopen();
  audit_.reopen();
  auto loaded = loadConfig(source_);
  if (!loaded) {
    for (const ConfigFault& fault : loaded.error()) kLog.error("not reloaded", {{"fault", faultText(fault)}});
    return tl::unexpected(std::move(loaded.error()));
  }
  auto changes = changesBetween(config_, *loaded);
  for (const ConfigChange& change : changes) {
    kLog.info(
        "setting changed",
        {{"key", change.key}, {"before", change.before}, {"after", change.after}, {"at_restart", change.atRestart}});
  }
  apply(std::move(*loaded));
  return changes;
}

void Daemon::apply(LoadedConfig config) {
  config_ = std::move(config);
  access_.setRules(config_.config.access);
  logging_.apply(config_.config.log);
  audit_.setFile(config_.config.log.auditFile);
  queue_.setLimits(laneLimits(config_.config.command), shareLimits(config_.config.command));
  fanOutQueue_.setLimits(fanOutLaneLimits(config_.config.fanOut), shareLimits(config_.config.command));
  jobQueue_.setLimits(jobLaneLimits(config_.config.jobs), shareLimits(config_.config.command));
  jobs_.setLimits(jobLimits(config_.config.jobs));
  auto request = services_.engine.configureRequest();
  engine::encode(config_.config, request.initLimits());
  configuring_ = request.send().ignoreResult().eagerlyEvaluate([](kj::Exception&& exception) {
    kLog.error("the engine did not take its new limits", {{"detail", exception.getDescription().cStr()}});
  });
}

// What waits for its turn is let through to the engine, which refuses it.
kj::Promise<void> Daemon::drainEngine(kj::Duration grace) {
  auto request = services_.engine.drainRequest();
  request.setGraceMs(static_cast<uint64_t>(grace / kj::MILLISECONDS));
  return request.send().ignoreResult();
}

}  // namespace cbs::app
