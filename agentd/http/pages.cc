#include "agentd/http/pages.h"

#include "agentd/http/metrics.h"
#include "agentd/telemetry/log.h"
#include "common/json.h"

#include <prometheus/text_serializer.h>
#include <time.h>

#include <utility>

namespace cbs::http {
namespace {

constexpr auto kTelling = 5 * kj::SECONDS;
constexpr int kPauseTimes = 4;
constexpr auto kLongestPause = 500 * kj::MILLISECONDS;
constexpr size_t kSeriesAtOnce = 500;
constexpr uint32_t kHostsAsked = 1000;  // the most that an engine tells

constexpr kj::StringPtr kText = "text/plain; charset=utf-8"_kj;
constexpr kj::StringPtr kMetricsText = "text/plain; version=0.0.4; charset=utf-8"_kj;
constexpr kj::StringPtr kJson = "application/json"_kj;

constexpr std::string_view kIndex =
    "cbsession-agentd\n\n"
    "/metrics               metrics, for Prometheus\n"
    "/actuator/prometheus   the same\n"
    "/api/health            how the daemon is doing: 200, or 503 if it is down\n"
    "/api/health/live       200 as long as it answers\n"
    "/api/health/ready      200 if it takes commands, else 503\n"
    "/api/health/details    all that it knows of itself\n";

constexpr std::string_view kPaths[] = {"/",
                                       "/metrics",
                                       "/actuator/prometheus",
                                       "/api/health",
                                       "/api/health/live",
                                       "/api/health/ready",
                                       "/api/health/details"};

template <typename Params, typename Results>
kj::Promise<capnp::Response<Results>> within(kj::Timer& timer, capnp::Request<Params, Results> request) {
  return timer.timeoutAfter(kTelling, kj::Promise<capnp::Response<Results>>(request.send()));
}

unsigned statusOf(schema::Health::Status status) { return status == schema::Health::Status::DOWN ? 503 : 200; }

// Why no commands are taken; "" if they are.
std::string whyNotReady(schema::Health::Reader health) {
  for (auto condition : health.getConditions()) {
    bool matters = condition.getSeverity() == schema::Health::Status::DOWN || condition.getCode() == "draining";
    if (matters) return condition.getCode().cStr();
  }
  return health.getStatus() == schema::Health::Status::DOWN ? "down" : "";
}

}  // namespace

uint64_t threadTimeUs() {
  timespec time = {};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<uint64_t>(time.tv_sec) * 1'000'000 + static_cast<uint64_t>(time.tv_nsec) / 1000;
}

Pages::Pages(kj::Timer& timer, schema::Agent::Client agent, const Config::Metrics& config, const Traffic& traffic,
             Meter meter)
    : timer_(timer),
      agent_(kj::mv(agent)),
      config_(config),
      traffic_(traffic),
      meter_(std::move(meter)),
      nextAt_(timer.now()) {}

std::string Pages::pathOf(std::string_view url) {
  auto path = url.substr(0, url.find_first_of("?#"));
  if (path.size() > 1 && path.ends_with('/')) path.remove_suffix(1);
  for (auto known : kPaths) {
    if (path == known) return std::string(known);
  }
  return {};
}

kj::Promise<Answer> Pages::get(std::string path) {
  if (path == "/") return Answer{200, kText, std::string(kIndex)};
  if (path == "/api/health/live") return Answer{200, kJson, "{\"status\":\"live\"}\n"};
  return share(path == "/actuator/prometheus" ? "/metrics" : kj::mv(path));
}

kj::Promise<Answer> Pages::share(std::string path) {
  auto pair = kj::newPromiseAndFulfiller<Answer>();
  Sharing& sharing = sharing_[path];
  sharing.waiting.push_back(kj::mv(pair.fulfiller));
  if (sharing.waiting.size() == 1) sharing.gathering = gather(sharing, kj::mv(path));
  return kj::mv(pair.promise);
}

kj::Promise<void> Pages::gather(Sharing& sharing, std::string path) {
  return gatherInTurn(kj::mv(path))
      .promise()
      .then(
          [&sharing](Answer&& answer) {
            for (auto& waiting : std::exchange(sharing.waiting, {})) waiting->fulfill(kj::cp(answer));
          },
          [&sharing](kj::Exception&& exception) {
            for (auto& waiting : std::exchange(sharing.waiting, {})) waiting->reject(kj::cp(exception));
          })
      .eagerlyEvaluate(nullptr);
}

Task<Answer> Pages::gatherInTurn(std::string path) {
  if (timer_.now() < nextAt_) co_await timer_.atTime(nextAt_);
  const uint64_t before = meter_();
  auto answer = co_await gathered(kj::mv(path));
  auto took = static_cast<int64_t>(meter_() - before) * kj::MICROSECONDS;
  nextAt_ = timer_.now() + kj::min(took * kPauseTimes, kLongestPause);
  co_return answer;
}

Task<Answer> Pages::gathered(std::string path) {
  if (path == "/api/health") return health();
  if (path == "/api/health/ready") return readiness();
  if (path == "/api/health/details") return details();
  return metrics();
}

Task<Answer> Pages::metrics() {
  auto hosts = askForHosts();
  auto stats = co_await within(timer_, agent_.statsRequest());
  auto known = co_await hosts;
  auto hostList = known ? known->getHosts() : capnp::List<schema::HostFigures>::Reader();
  auto families = metricsOf(stats.getStats(), hostList, config_);
  for (auto& family : traffic_.collectable().Collect()) families.push_back(std::move(family));
  co_return Answer{200, kMetricsText, co_await textOf(std::move(families))};
}

// Others get their turn after so many series, as a thousand hosts take several milliseconds.
Task<std::string> Pages::textOf(std::vector<prometheus::MetricFamily> families) {
  std::string text;
  size_t series = 0;
  for (const auto& family : families) {
    text += prometheus::TextSerializer().Serialize({family});
    series += family.metric.size();
    if (series >= kSeriesAtOnce) {
      series = 0;
      co_await timer_.afterDelay(0 * kj::SECONDS);
    }
  }
  co_return text;
}

// Metrics do not fail for want of them.
kj::Promise<Pages::KnownHosts> Pages::askForHosts() {
  if (config_.perHost.empty()) return KnownHosts();
  auto request = agent_.hostsRequest();
  request.setLimit(kHostsAsked);
  return within(timer_, kj::mv(request))
      .then([](capnp::Response<schema::Agent::HostsResults>&& answer) { return KnownHosts(kj::mv(answer)); },
            [](kj::Exception&& exception) {
              telemetry::log(telemetry::Category::HTTP)
                  .debug("no figures of hosts", {{"detail", exception.getDescription().cStr()}});
              return KnownHosts();
            });
}

Task<Answer> Pages::health() {
  auto told = co_await within(timer_, agent_.healthRequest());
  auto health = told.getHealth();
  co_return Answer{statusOf(health.getStatus()), kJson, toJson<schema::Health>(health)};
}

Task<Answer> Pages::readiness() {
  auto told = co_await within(timer_, agent_.healthRequest());
  auto why = whyNotReady(told.getHealth());
  if (why.empty()) co_return Answer{200, kJson, "{\"status\":\"ready\"}\n"};
  co_return Answer{503, kJson, "{\"status\":\"notReady\",\"reason\":\"" + why + "\"}\n"};
}

Task<Answer> Pages::details() {
  auto told = co_await within(timer_, agent_.detailsRequest());
  auto details = told.getDetails();
  co_return Answer{statusOf(details.getStatus()), kJson, toJson<schema::HealthDetails>(details)};
}

}  // namespace cbs::http
