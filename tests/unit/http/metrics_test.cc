// The daemon's figures as metrics.
#include "agentd/http/metrics.h"
#include "tests/support/text.h"

#include <capnp/message.h>
#include <prometheus/text_serializer.h>
#include <catch2/catch_test_macros.hpp>

namespace cbs::http {
namespace {

using test::contains;

struct Figures {
  capnp::MallocMessageBuilder message, hostsMessage;
  schema::Stats::Builder stats = message.initRoot<schema::Stats>();
  std::vector<std::string> hosts;
  Config::Metrics config;

  std::string text() {
    auto list = hostsMessage.initRoot<schema::Agent::HostsResults>().initHosts(static_cast<unsigned>(hosts.size()));
    for (unsigned i = 0; i < list.size(); ++i) {
      list[i].setHost(hosts[i].c_str());
      list[i].setCommands(i + 1);
      list[i].setBytesIn(10);
    }
    return prometheus::TextSerializer().Serialize(metricsOf(stats, list.asReader(), config));
  }
};

TEST_CASE("the Session Service's metrics are there from the start, under their names") {
  auto text = Figures().text();
  for (const char* line :
       {"# TYPE ssh_connection_active_count gauge", "# TYPE ssh_connection_creation_count_total counter",
        "# TYPE ssh_connection_reuse_count_total counter", "# TYPE ssh_command_execution_time_seconds histogram",
        "# TYPE ssh_sftp_list_time_seconds histogram", "# TYPE ssh_sftp_download_time_seconds histogram",
        "# TYPE ssh_sftp_upload_time_seconds histogram", "ssh_command_execution_time_seconds_count 0",
        "ssh_command_execution_time_seconds_bucket{le=\"+Inf\"} 0"}) {
    INFO(line);
    CHECK(contains(text, std::string("\n") + line + "\n"));
  }
}

TEST_CASE("every metric has a sentence of help") {
  Figures figures;
  figures.config.perHost = "*";
  auto text = figures.text();
  auto types = test::count("\n" + text, "\n# TYPE ");
  CHECK(types >= 50);
  CHECK(test::count("\n" + text, "\n# HELP ") == types);
  CHECK(test::count(text, ".\n# TYPE ") == types);
}

TEST_CASE("a histogram has its buckets in seconds, each with those below it") {
  Figures figures;
  auto times = figures.stats.initCommandTimes();
  times.setCount(9);
  times.setSumUs(2'500'000);
  auto buckets = times.initBuckets(3);
  buckets.set(0, 2);
  buckets.set(1, 5);
  buckets.set(2, 8);
  auto text = figures.text();
  CHECK(contains(text,
                 "ssh_command_execution_time_seconds_count 9\n"
                 "ssh_command_execution_time_seconds_sum 2.5\n"
                 "ssh_command_execution_time_seconds_bucket{le=\"0.0005\"} 2\n"
                 "ssh_command_execution_time_seconds_bucket{le=\"0.001\"} 5\n"
                 "ssh_command_execution_time_seconds_bucket{le=\"0.0025\"} 8\n"
                 "ssh_command_execution_time_seconds_bucket{le=\"+Inf\"} 9\n"));
}

TEST_CASE("failures, outcomes, rejections and conditions are told apart by a label") {
  Figures figures;
  auto failure = figures.stats.initEngine().initFailures(1)[0];
  failure.setReason(schema::Reason::HOST_KEY_CHANGED);
  failure.setCount(4);
  auto outcome = figures.stats.initOutcomes(1)[0];
  outcome.setOutcome("succeeded");
  outcome.setCount(6);
  auto rejection = figures.stats.initQueue().initRejections(1)[0];
  rejection.setReason(schema::Reason::QUEUE_FULL);
  rejection.setCount(2);
  auto condition = figures.stats.initConditions(1)[0];
  condition.setCode("loopLag");
  condition.setSeverity(schema::Health::Status::DEGRADED);
  auto text = figures.text();
  CHECK(contains(text, "ssh_connection_failures_total{reason=\"hostKeyChanged\"} 4\n"));
  CHECK(contains(text, "ssh_command_outcomes_total{outcome=\"succeeded\"} 6\n"));
  CHECK(contains(text, "cbsession_queue_rejections_total{reason=\"queueFull\"} 2\n"));
  CHECK(contains(text, "cbsession_health_condition{code=\"loopLag\",severity=\"degraded\"} 1\n"));
  CHECK(contains(text, "cbsession_health_status 1\n"));
}

TEST_CASE("breakers that are neither open nor half open are closed") {
  Figures figures;
  auto engine = figures.stats.initEngine();
  engine.setHosts(10);
  engine.setBreakersOpen(2);
  engine.setBreakersHalfOpen(1);
  CHECK(contains(figures.text(), "ssh_breaker_count{state=\"closed\"} 7\n"));
  engine.setHosts(2);
  CHECK(contains(figures.text(), "ssh_breaker_count{state=\"closed\"} 0\n"));
}

TEST_CASE("hosts get series only as far as the configuration says") {
  Figures figures;
  figures.hosts = {"web3", "db1", "web1", "web2"};
  CHECK_FALSE(contains(figures.text(), "ssh_host_"));
  figures.config = {.perHost = "web*", .maxHosts = 2};
  auto text = figures.text();
  CHECK(contains(text, "ssh_host_commands_total{host=\"web1\"} 3\n"));
  CHECK(contains(text, "ssh_host_commands_total{host=\"web3\"} 1\n"));
  CHECK(test::count(text, "ssh_host_commands_total{") == 2);
  CHECK(test::count(text, "ssh_host_bytes_total{") == 4);
}

TEST_CASE("hosts of one name share a series, as Prometheus takes none twice") {
  Figures figures;
  figures.config.perHost = "*";
  figures.hosts = {"web1", "web1"};
  auto text = figures.text();
  CHECK(contains(text, "ssh_host_commands_total{host=\"web1\"} 3\n"));
  CHECK(test::count(text, "ssh_host_commands_total{") == 1);
}

TEST_CASE("what others have chosen cannot break a scrape") {
  CHECK(labelValue("web1.example") == "web1.example");
  CHECK(labelValue("a\nb\x7f") == "a?b?");
  CHECK(labelValue("gr\xc3\xbcn") == "gr\xc3\xbcn");
  CHECK(labelValue("\xff\xc3x\xed\xa0\x80") == "??x???");
  CHECK(labelValue(std::string(1000, 'x')).size() == 255);
  CHECK(labelValue(std::string(254, 'x') + "\xc3\xbc") == std::string(254, 'x'));
  Figures figures;
  figures.config.perHost = "*";
  figures.hosts = {"a\"b\\c"};
  CHECK(contains(figures.text(), "{host=\"a\\\"b\\\\c\"} 1\n"));
}

}  // namespace
}  // namespace cbs::http
