// Puts metrics together, in the form that prometheus-cpp prints.
#pragma once

#include "schema/engine.capnp.h"

#include <prometheus/metric_family.h>

#include <string>
#include <vector>

namespace cbs::http {

using Label = prometheus::ClientMetric::Label;
using Labels = std::vector<Label>;

// Metrics of one name.
class Family {
 public:
  Family(std::string name, std::string help, prometheus::MetricType type);

  Family& add(double value, Labels labels = {});
  // Of a histogram; in seconds. Without buckets, sum and count are told all the same.
  Family& add(schema::EngineStats::Durations::Reader times, Labels labels = {});

  prometheus::MetricFamily take() { return std::move(family_); }

 private:
  prometheus::MetricFamily family_;
};

// Hands out families to be filled; each lives as long as this and no other is asked for.
class Families {
 public:
  Family& gauge(std::string name, std::string help);
  Family& counter(std::string name, std::string help);
  Family& histogram(std::string name, std::string help);

  std::vector<prometheus::MetricFamily> take();

 private:
  std::vector<Family> families_;
};

// A label's value out of what others have chosen: no control characters, valid UTF-8, at most 255 bytes. A scrape that
// is not valid is lost as a whole.
std::string labelValue(std::string_view text);

}  // namespace cbs::http
