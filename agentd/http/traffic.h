// What is counted of the requests for metrics and health themselves.
#pragma once

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include <string>

namespace cbs::http {

class Traffic {
 public:
  Traffic();

  // `path` is one that is served, `status` one that we give.
  void answered(const std::string& path, unsigned status, double seconds);
  void refused(unsigned status);
  // Connections that were closed before a request of theirs was answered: `reason` is a word of ours.
  void turnedAway(const std::string& reason);
  void connections(size_t count) { connections_.Set(static_cast<double>(count)); }

  const prometheus::Collectable& collectable() const { return registry_; }

 private:
  prometheus::Registry registry_;
  prometheus::Family<prometheus::Counter>& requests_;
  prometheus::Family<prometheus::Counter>& turnedAway_;
  prometheus::Gauge& connections_;
  prometheus::Histogram& times_;
};

}  // namespace cbs::http
