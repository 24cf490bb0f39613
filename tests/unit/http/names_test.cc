// The names of metrics in what comes with the daemon are those that it serves.
#include "agentd/http/metrics.h"
#include "agentd/http/traffic.h"
#include "tests/support/temp_folder.h"

#include <capnp/message.h>
#include <catch2/catch_test_macros.hpp>

#include <regex>
#include <set>

namespace cbs::http {
namespace {

using Names = std::set<std::string>;

std::vector<prometheus::MetricFamily> everything() {
  capnp::MallocMessageBuilder message;
  Config::Metrics config{.perHost = "*"};
  auto families = metricsOf(message.initRoot<schema::Stats>().asReader(), {}, config);
  Traffic traffic;
  traffic.answered("/metrics", 200, 0.1);
  for (auto& family : traffic.collectable().Collect()) families.push_back(family);
  return families;
}

Names served() {
  Names names;
  for (const auto& family : everything()) names.insert(family.name);
  return names;
}

// The names with what Prometheus makes of a histogram.
Names queryable() {
  Names names;
  for (const auto& family : everything()) {
    names.insert(family.name);
    if (family.type != prometheus::MetricType::Histogram) continue;
    for (const char* suffix : {"_bucket", "_sum", "_count"}) names.insert(family.name + suffix);
  }
  return names;
}

Names namesIn(const std::string& file) {
  static const std::regex name("\\b(?:ssh|cbsession|process)_[a-z0-9_]+");
  auto text = test::readFile(std::string(CBS_SOURCE) + "/" + file);
  REQUIRE_FALSE(text.empty());
  return Names(std::sregex_token_iterator(text.begin(), text.end(), name), std::sregex_token_iterator());
}

TEST_CASE("the dashboard and the rules ask for metrics that there are") {
  auto known = queryable();
  for (const char* file : {"packaging/grafana/cbsession.json", "packaging/prometheus/cbsession.rules.yml",
                           "packaging/prometheus/cbsession.rules_test.yml"}) {
    auto names = namesIn(file);
    CHECK(names.size() > 2);
    for (const auto& name : names) {
      INFO(file << ": " << name);
      CHECK(known.contains(name));
    }
  }
}

TEST_CASE("the manual has every metric, and no other") {
  auto text = test::readFile(std::string(CBS_SOURCE) + "/man/cbsession-agentd.8");
  static const std::regex item("\n\\.It Cm ((?:ssh|cbsession|process)_[a-z0-9_]+)");
  Names told(std::sregex_token_iterator(text.begin(), text.end(), item, 1), std::sregex_token_iterator());
  CHECK(told == served());
}

}  // namespace
}  // namespace cbs::http
