#include "agentd/http/families.h"

#include "common/utf8.h"

#include <algorithm>

namespace cbs::http {
namespace {

constexpr size_t kLongestValue = 255;
constexpr double kMicrosecondsPerSecond = 1e6;

double secondsOf(uint64_t microseconds) { return static_cast<double>(microseconds) / kMicrosecondsPerSecond; }

bool isControl(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

}  // namespace

Family::Family(std::string name, std::string help, prometheus::MetricType type) {
  family_.name = std::move(name);
  family_.help = std::move(help);
  family_.type = type;
}

Family& Family::add(double value, Labels labels) {
  auto& metric = family_.metric.emplace_back();
  metric.label = std::move(labels);
  metric.gauge.value = value;
  metric.counter.value = value;
  return *this;
}

Family& Family::add(schema::EngineStats::Durations::Reader times, Labels labels) {
  auto& metric = family_.metric.emplace_back();
  metric.label = std::move(labels);
  metric.histogram.sample_count = times.getCount();
  metric.histogram.sample_sum = secondsOf(times.getSumUs());
  auto bounds = *schema::BUCKET_BOUNDS_US;
  auto buckets = times.getBuckets();
  unsigned known = std::min(bounds.size(), buckets.size());
  for (unsigned i = 0; i < known; ++i) metric.histogram.bucket.push_back({buckets[i], secondsOf(bounds[i])});
  return *this;
}

Family& Families::gauge(std::string name, std::string help) {
  return families_.emplace_back(std::move(name), std::move(help), prometheus::MetricType::Gauge);
}

Family& Families::counter(std::string name, std::string help) {
  return families_.emplace_back(std::move(name), std::move(help), prometheus::MetricType::Counter);
}

Family& Families::histogram(std::string name, std::string help) {
  return families_.emplace_back(std::move(name), std::move(help), prometheus::MetricType::Histogram);
}

std::vector<prometheus::MetricFamily> Families::take() {
  std::vector<prometheus::MetricFamily> taken;
  for (Family& family : families_) taken.push_back(family.take());
  families_.clear();
  return taken;
}

std::string labelValue(std::string_view text) {
  std::string value;
  while (!text.empty()) {
    size_t size = isControl(text[0]) ? 0 : utf8Length(text);
    if (value.size() + std::max<size_t>(size, 1) > kLongestValue) break;
    value += size == 0 ? std::string_view("?") : text.substr(0, size);
    text.remove_prefix(std::max<size_t>(size, 1));
  }
  return value;
}

}  // namespace cbs::http
