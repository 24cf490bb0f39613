// The metrics, as Prometheus itself sees them. Needs Debian's package prometheus.
#include "tests/integration/http_client.h"
#include "tests/support/lab.h"
#include "tests/support/text.h"

#include <poll.h>
#include <unistd.h>
#include <catch2/catch_test_macros.hpp>

#include <chrono>
#include <cstring>
#include <fstream>
#include <regex>
#include <set>
#include <sstream>

namespace cbs::test {
namespace {

constexpr const char* kPromtool = "/usr/bin/promtool";
constexpr const char* kPrometheus = "/usr/bin/prometheus";

const std::string kPackaging = std::string(CBS_SOURCE) + "/packaging";

CliResult run(const std::vector<std::string>& argv, std::string_view input = "") {
  return CliProcess(Program{.argv = argv}).finishWithInput(input);
}

// What promtool says against it, but for the gauges named `…_count`: that is what the Session Service calls them.
std::string complaintsOf(const std::string& metrics) {
  auto result = run({kPromtool, "check", "metrics"}, metrics);
  std::istringstream lines(result.out + result.err);
  std::string complaints;
  for (std::string line; std::getline(lines, line);) {
    bool known = line.ends_with("_count non-histogram and non-summary metrics should not have \"_count\" suffix");
    if (!known) complaints += line + "\n";
  }
  return complaints;
}

TEST_CASE("promtool has nothing to say against the metrics") {
  if (access(kPromtool, X_OK) != 0) SKIP("promtool is not installed (packaging/install-deps --tests)");
  uint16_t port = freePort();
  auto settings = servingAt(port);
  settings.rest = "[metrics]\nper_host = \"*\"\n";
  Lab lab({}, settings);
  REQUIRE(lab.exec("true").code == 0);
  get(port, "/metrics");
  CHECK(complaintsOf(get(port, "/metrics").body) == "");
  CHECK(complaintsOf("# HELP x X.\n# TYPE x counter\nx 1\n") != "");
}

// The names of what is in the text, without the suffixes of a histogram's series.
std::set<std::string> familiesOf(const std::string& metrics) {
  std::istringstream lines(metrics);
  std::set<std::string> names;
  const std::string type = "# TYPE ";
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with(type)) names.insert(line.substr(type.size(), line.find(' ', type.size()) - type.size()));
  }
  return names;
}

// Of a metric: what the alerts and the dashboard ask for, once they are out of their queries.
std::set<std::string> namesIn(const std::string& text) {
  static const std::regex name("(ssh|cbsession|process)_[a-z_]*[a-z]");
  std::set<std::string> names;
  for (auto found = std::sregex_iterator(text.begin(), text.end(), name); found != std::sregex_iterator(); ++found) {
    auto word = found->str();
    for (const char* suffix : {"_bucket", "_sum"}) {
      if (word.ends_with(suffix)) word.resize(word.size() - strlen(suffix));
    }
    names.insert(word);
  }
  return names;
}

TEST_CASE("the metrics that the Session Service had are there, each of its kind") {
  uint16_t port = freePort();
  Lab lab({}, servingAt(port));
  REQUIRE(lab.exec("true").code == 0);
  auto file = lab.sshd.remoteFolder() + "/copy";
  REQUIRE(lab.agent.cli({"upload", lab.agent.configFile(), "web1:" + file}).code == 0);
  REQUIRE(lab.agent.cli({"download", "web1:" + file, lab.agent.folder().path("copy")}).code == 0);
  REQUIRE(lab.agent.cli({"ls", "web1:" + lab.sshd.remoteFolder()}).code == 0);
  auto metrics = get(port, "/actuator/prometheus").body;
  INFO(metrics);
  CHECK(contains(metrics, "# TYPE ssh_connection_active_count gauge\n"));
  CHECK(contains(metrics, "# TYPE ssh_connection_creation_count_total counter\n"));
  CHECK(contains(metrics, "# TYPE ssh_connection_reuse_count_total counter\n"));
  for (std::string name : {"ssh_command_execution_time_seconds", "ssh_sftp_list_time_seconds",
                           "ssh_sftp_download_time_seconds", "ssh_sftp_upload_time_seconds"}) {
    CHECK(contains(metrics, "# TYPE " + name + " histogram\n"));
    CHECK(valueOf(metrics, name + "_count") == "1");
    CHECK(valueOf(metrics, name + "_bucket{le=\"+Inf\"}") == "1");
    CHECK(valueOf(metrics, name + "_bucket{le=\"3600\"}") == "1");
  }
}

TEST_CASE("whatever the alerts and the dashboard ask for is served") {
  uint16_t port = freePort();
  auto settings = servingAt(port);
  settings.rest = "[metrics]\nper_host = \"*\"\n";
  Lab lab({}, settings);
  REQUIRE(lab.exec("true").code == 0);
  auto served = familiesOf(get(port, "/metrics").body);
  auto asked = namesIn(readFile(kPackaging + "/prometheus/cbsession.rules.yml") +
                       readFile(kPackaging + "/grafana/cbsession.json"));
  CHECK(asked.size() > 30);
  for (const std::string& name : asked) {
    INFO(name);
    CHECK(served.contains(name));
  }
}

TEST_CASE("a host has series of its own if the configuration names it, also after a reload") {
  uint16_t port = freePort();
  auto settings = servingAt(port);
  settings.rest = "[metrics]\nper_host = \"web*\"\n";
  Lab lab({.address = "0.0.0.0"}, settings);
  lab.agent.addHost("db1", lab.sshd,
                    "HostName 127.0.0.2\n  HostKeyAlias [127.0.0.1]:" + std::to_string(lab.sshd.port()));
  for (int i = 0; i < 2; ++i) REQUIRE(lab.exec("true").code == 0);
  REQUIRE(lab.agent.cli({"exec", "db1", "true"}).code == 0);
  auto metrics = get(port, "/metrics").body;
  CHECK(valueOf(metrics, "ssh_host_commands_total{host=\"web1\"}") == "2");
  CHECK(valueOf(metrics, "ssh_host_connections_count{host=\"web1\"}") == "1");
  CHECK(valueOf(metrics, "ssh_host_failures_total{host=\"web1\"}") == "0");
  CHECK_FALSE(contains(metrics, "host=\"db1\""));

  std::ofstream(lab.agent.configFile(), std::ios::app) << "max_hosts = 1\n";
  auto text = readFile(lab.agent.configFile());
  text.replace(text.find("\"web*\""), strlen("\"web*\""), "\"db*\"");
  lab.agent.folder().write("agentd.toml", text);
  auto reloaded = lab.agent.cli({"agent", "reload"});
  CHECK(reloaded.code == 0);
  CHECK_FALSE(contains(reloaded.out, "restart"));
  metrics = get(port, "/metrics").body;
  CHECK(valueOf(metrics, "ssh_host_commands_total{host=\"db1\"}") == "1");
  CHECK_FALSE(contains(metrics, "host=\"web1\""));
}

TEST_CASE("a condition is in the metrics for as long as it holds") {
  uint16_t port = freePort();
  auto settings = servingAt(port);
  settings.rest = "[breaker]\nfailure_threshold = 1\nopen_ms = 600000\n";
  auto deaf = boundSocket(-1);
  Lab lab({}, settings);
  lab.agent.addUnknownHost("deaf", portOf(deaf.get()));
  CHECK(valueOf(get(port, "/metrics").body, "cbsession_health_status") == "0");
  REQUIRE(lab.agent.cli({"exec", "deaf", "true"}).code == 241);
  auto metrics = get(port, "/metrics").body;
  CHECK(valueOf(metrics, "cbsession_health_condition{code=\"breakersOpen\",severity=\"degraded\"}") == "1");
  CHECK(valueOf(metrics, "cbsession_health_status") == "1");
  CHECK(valueOf(metrics, "ssh_breaker_count{state=\"open\"}") == "1");
  CHECK(valueOf(metrics, "ssh_connection_failures_total{reason=\"connectionRefused\"}") == "1");
  REQUIRE(lab.agent.cli({"breaker", "reset", "--all"}).code == 0);
  metrics = get(port, "/metrics").body;
  CHECK_FALSE(contains(metrics, "code=\"breakersOpen\""));
  CHECK(valueOf(metrics, "cbsession_health_status") == "0");
}

// A Prometheus that scrapes a daemon.
class Prometheus {
 public:
  explicit Prometheus(uint16_t daemon) : port_(freePort()), process_(program(daemon)) {}

  // Asks until a query's answer has this value.
  void await(const std::string& query, const std::string& value) const {
    auto deadline = std::chrono::steady_clock::now() + kSoon;
    std::string last;
    for (; std::chrono::steady_clock::now() < deadline; poll(nullptr, 0, 50)) {
      last = get(port_, "/api/v1/query?query=" + query).body;
      if (contains(last, ",\"" + value + "\"]")) return;
    }
    fail(query + " did not become " + value + ": " + last);
  }

 private:
  Program program(uint16_t daemon) const {
    auto config = folder_.write("prometheus.yml",
                                "global: {scrape_interval: 200ms, scrape_timeout: 200ms}\n"
                                "scrape_configs:\n- job_name: cbsession\n  static_configs:\n"
                                "  - targets: ['127.0.0.1:" +
                                    std::to_string(daemon) + "']\n");
    return {.argv = {kPrometheus, "--config.file=" + config, "--storage.tsdb.path=" + folder_.path("data"),
                     "--web.listen-address=127.0.0.1:" + std::to_string(port_), "--log.level=error"}};
  }

  TempFolder folder_;
  uint16_t port_;
  ChildProcess process_;
};

TEST_CASE("Prometheus scrapes the daemon and counts its commands") {
  if (access(kPrometheus, X_OK) != 0) SKIP("prometheus is not installed (packaging/install-deps --tests)");
  uint16_t port = freePort();
  Lab lab({}, servingAt(port));
  Prometheus prometheus(port);
  prometheus.await("up", "1");
  for (int i = 0; i < 4; ++i) REQUIRE(lab.exec("true").code == 0);
  prometheus.await("cbsession_queue_accepted_total", "4");
  prometheus.await("ssh_connection_idle_count", "1");
  prometheus.await("process_resident_memory_bytes>bool%200", "1");
}

TEST_CASE("the alerts are rules that Prometheus takes, and they go off when they should") {
  if (access(kPromtool, X_OK) != 0) SKIP("promtool is not installed (packaging/install-deps --tests)");
  auto checked = run({kPromtool, "check", "rules", kPackaging + "/prometheus/cbsession.rules.yml"});
  INFO(checked.out << checked.err);
  CHECK(checked.code == 0);
  auto tested = run({kPromtool, "test", "rules", kPackaging + "/prometheus/cbsession.rules_test.yml"});
  INFO(tested.out << tested.err);
  CHECK(tested.code == 0);
}

// Makes a rule of each query of the dashboard, its variables filled in.
constexpr const char* kRulesOfDashboard = R"(
import json, re, sys
rules = []
def visit(panel):
    for target in panel.get("targets", []):
        query = target["expr"].replace("$__rate_interval", "1m").replace("$job", ".*").replace("$instance", ".*")
        rules.append({"record": f"q{len(rules)}", "expr": query})
    for inner in panel.get("panels", []):
        visit(inner)
for panel in json.load(open(sys.argv[1]))["panels"]:
    visit(panel)
print(json.dumps({"groups": [{"name": "dashboard", "rules": rules}]}))
)";

TEST_CASE("the dashboard is JSON whose queries Prometheus understands") {
  if (access(kPromtool, X_OK) != 0) SKIP("promtool is not installed (packaging/install-deps --tests)");
  auto made = run({"/usr/bin/python3", "-c", kRulesOfDashboard, kPackaging + "/grafana/cbsession.json"});
  INFO(made.err);
  REQUIRE(made.code == 0);
  TempFolder folder;
  auto checked = run({kPromtool, "check", "rules", folder.write("dashboard.yml", made.out)});
  INFO(checked.out << checked.err);
  CHECK(checked.code == 0);
  CHECK(count(made.out, "\"record\"") > 30);
}

}  // namespace
}  // namespace cbs::test
