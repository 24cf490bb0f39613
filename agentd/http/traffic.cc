#include "agentd/http/traffic.h"

namespace cbs::http {

Traffic::Traffic()
    : requests_(prometheus::BuildCounter()
                    .Name("cbsession_http_requests_total")
                    .Help("Requests over HTTP that were answered, by path and status.")
                    .Register(registry_)),
      turnedAway_(prometheus::BuildCounter()
                      .Name("cbsession_http_turned_away_total")
                      .Help("Connections that were closed without an answer, by the reason.")
                      .Register(registry_)),
      connections_(prometheus::BuildGauge()
                       .Name("cbsession_http_connections")
                       .Help("Connections over HTTP.")
                       .Register(registry_)
                       .Add({})),
      times_(
          prometheus::BuildHistogram()
              .Name("cbsession_http_request_time_seconds")
              .Help("How long answers over HTTP took to be ready.")
              .Register(registry_)
              .Add({}, prometheus::Histogram::BucketBoundaries{0.0005, 0.001, 0.0025, 0.005, 0.01, 0.05, 0.25, 1, 5})) {
  requests_.Add({{"path", "/metrics"}, {"code", "200"}});
  for (const char* reason : {"room", "broken"}) turnedAway_.Add({{"reason", reason}});
}

void Traffic::answered(const std::string& path, unsigned status, double seconds) {
  requests_.Add({{"path", path}, {"code", std::to_string(status)}}).Increment();
  times_.Observe(seconds);
}

void Traffic::refused(unsigned status) {
  requests_.Add({{"path", "other"}, {"code", std::to_string(status)}}).Increment();
}

void Traffic::turnedAway(const std::string& reason) { turnedAway_.Add({{"reason", reason}}).Increment(); }

}  // namespace cbs::http
