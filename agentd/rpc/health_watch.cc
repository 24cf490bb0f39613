#include "agentd/rpc/health_watch.h"

#include "agentd/rpc/health_report.h"
#include "agentd/telemetry/log.h"
#include "common/offload.h"

namespace cbs::rpc {
namespace {

constexpr kj::Duration kAnswerLimit = 5 * kj::SECONDS;  // the engine may be another process

}  // namespace

HealthWatch::HealthWatch(Services& services, kj::Duration interval)
    : services_(services), interval_(interval), measuring_(measureNowAndThen()), judging_(judgeNowAndThen()) {}

Task<void> HealthWatch::judgeNowAndThen() {
  for (;;) {
    try {
      co_await judgeOnce();
    } catch (const kj::Exception& exception) {
      telemetry::log(telemetry::Category::APP)
          .debug("health could not be judged", {{"detail", exception.getDescription().cStr()}});
    }
    co_await services_.loop.timer.afterDelay(interval_);
  }
}

Task<void> HealthWatch::judgeOnce() {
  auto engine = co_await services_.loop.timer.timeoutAfter(kAnswerLimit, services_.engine.statsRequest().send());
  judgeHealth(services_, engine.getStats());
}

Task<void> HealthWatch::measureNowAndThen() {
  for (;;) {
    try {
      std::string folder = services_.jobs.folder();
      services_.vitals.disk = co_await offloadFor<telemetry::DiskRoom>(
          services_.loop, [folder = std::move(folder)]() { return telemetry::roomAt(folder); });
    } catch (const kj::Exception& exception) {
      telemetry::log(telemetry::Category::APP)
          .debug("the disk could not be looked at", {{"detail", exception.getDescription().cStr()}});
    } catch (const std::exception& exception) {
      telemetry::log(telemetry::Category::APP).debug("the disk could not be looked at", {{"detail", exception.what()}});
    }
    co_await services_.loop.timer.afterDelay(interval_);
  }
}

}  // namespace cbs::rpc
