#include "common/config.h"

#include <sys/stat.h>
#include <unistd.h>
#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <random>

namespace cbs {
namespace {

// A configuration file in a folder of its own, which goes with it.
class ConfigFile {
 public:
  explicit ConfigFile(std::string_view text) : ConfigFile() { std::ofstream(path(), std::ios::binary) << text; }
  ConfigFile() {
    char pattern[] = "/tmp/cbs-config-XXXXXX";
    folder_ = mkdtemp(pattern);
  }
  ~ConfigFile() { std::filesystem::remove_all(folder_); }
  std::string path() const { return folder_ + "/agentd.toml"; }

  auto load(Environment environment = {}, std::string profile = "") const {
    return loadConfig({path(), true, std::move(environment), std::move(profile)});
  }
  // Each fault as "LINE:COLUMN: KEY: TEXT".
  std::vector<std::string> faults(Environment environment = {}) const {
    auto loaded = load(std::move(environment));
    std::vector<std::string> texts;
    if (loaded) return texts;
    for (const auto& fault : loaded.error()) {
      std::string text = faultText(fault);
      if (text.starts_with(path())) text = text.substr(path().size() + (fault.line > 0 ? 1 : 2));
      texts.push_back(text);
    }
    return texts;
  }

 private:
  std::string folder_;
};

using Faults = std::vector<std::string>;

const ConfigEntry& entry(const LoadedConfig& loaded, std::string_view key) {
  return *std::find_if(loaded.entries.begin(), loaded.entries.end(), [key](auto& e) { return e.key == key; });
}

std::string originOf(const LoadedConfig& loaded, std::string_view key) { return entry(loaded, key).origin; }

TEST_CASE("without any source the defaults are those of the contract") {
  auto loaded = loadConfig({});
  REQUIRE(loaded);
  REQUIRE(loaded->entries.size() == 54);
  REQUIRE(entry(*loaded, "session.ssh.max_connections_per_instance").valueText == "1000");
  REQUIRE(entry(*loaded, "session.command.rejection_policy").valueText == "abort");
  REQUIRE(entry(*loaded, "session.command.rejection_policy").quoted);
  REQUIRE_FALSE(entry(*loaded, "breaker.open_ms").quoted);
  for (const auto& entry : loaded->entries) {
    INFO(entry.key);
    REQUIRE(entry.origin == "default");
    REQUIRE_FALSE(entry.help.empty());
  }
}

TEST_CASE("the contract's own example is read, key for key") {
  ConfigFile file(R"(
profile = "default"
[session.ssh]
max_connections_per_instance = 1001
connection_idle_timeout_ms   = 300001
cleanup_interval_ms          = 60001
max_connections_per_host     = 9
config_file                  = "none"
max_channels_per_connection  = 11
max_tunnels_per_connection   = 12
passphrase_lifetime_ms       = 5000
max_channels_per_caller      = 1002
max_logins                   = 101
max_logins_per_host          = 12
connect_timeout_ms           = 10001
connection_max_age_ms        = 3600001
connection_max_bytes         = 34359738369
probe_after_ms               = 60001
keepalive_interval_ms        = 30001
[session.command]
core_pool_size     = 11
max_pool_size      = 51
queue_capacity     = 1001
keep_alive_seconds = 61
rejection_policy   = "discard_oldest"
max_per_host       = 7
max_per_caller     = 3
[jobs]
pool_size          = 11
capacity           = 50001
retention_seconds  = 604801
history            = 100001
output_max_bytes   = 67108865
output_total_bytes = 1073741825
[fan_out]
pool_size = 1003
at_once = 129
[breaker]
failure_threshold = 6
open_ms           = 30001
half_open_probes  = 2
login_open_ms     = 60001
[http]
listen = ""
[metrics]
per_host  = "web*,!web9"
max_hosts = 101
[log]
level      = "warn"
format     = "json"
file       = "/var/log/agentd.log"
max_bytes  = 65536
max_files  = 6
audit_file = "/var/log/audit.jsonl"
app        = "debug"
callers    = "info"
commands   = "warn"
pool       = "error"
transfers  = "off"
jobs       = ""
http       = "debug"
[access]
allow_groups = "ops,ci"
view_groups  = "staff"
)");
  REQUIRE(file.faults() == Faults{});
  LoadedConfig loaded = *file.load();
  const Config& config = loaded.config;
  REQUIRE(config.ssh.maxConnectionsPerInstance == 1001);
  REQUIRE(config.ssh.connectionIdleTimeoutMs == 300001);
  REQUIRE(config.ssh.cleanupIntervalMs == 60001);
  REQUIRE(config.ssh.maxConnectionsPerHost == 9);
  REQUIRE(config.ssh.configFile == "none");
  REQUIRE(config.ssh.maxChannelsPerConnection == 11);
  REQUIRE(config.ssh.maxTunnelsPerConnection == 12);
  REQUIRE(config.ssh.passphraseLifetimeMs == 5000);
  REQUIRE(config.ssh.maxChannelsPerCaller == 1002);
  REQUIRE(config.ssh.maxLogins == 101);
  REQUIRE(config.ssh.maxLoginsPerHost == 12);
  REQUIRE(config.ssh.connectTimeoutMs == 10001);
  REQUIRE(config.ssh.connectionMaxAgeMs == 3600001);
  REQUIRE(config.ssh.connectionMaxBytes == 34359738369);
  REQUIRE(config.ssh.probeAfterMs == 60001);
  REQUIRE(config.ssh.keepaliveIntervalMs == 30001);
  REQUIRE(config.breaker.loginOpenMs == 60001);
  REQUIRE(config.command.corePoolSize == 11);
  REQUIRE(config.command.maxPoolSize == 51);
  REQUIRE(config.command.queueCapacity == 1001);
  REQUIRE(config.command.keepAliveSeconds == 61);
  REQUIRE(config.command.rejectionPolicy == RejectionPolicy::DISCARD_OLDEST);
  REQUIRE(config.command.maxPerHost == 7);
  REQUIRE(config.command.maxPerCaller == 3);
  REQUIRE(config.jobs.poolSize == 11);
  REQUIRE(config.jobs.capacity == 50001);
  REQUIRE(config.jobs.retentionSeconds == 604801);
  REQUIRE(config.jobs.history == 100001);
  REQUIRE(config.jobs.outputMaxBytes == 67108865);
  REQUIRE(config.jobs.outputTotalBytes == 1073741825);
  REQUIRE(config.fanOut.poolSize == 1003);
  REQUIRE(config.fanOut.atOnce == 129);
  REQUIRE(config.breaker.failureThreshold == 6);
  REQUIRE(config.breaker.openMs == 30001);
  REQUIRE(config.breaker.halfOpenProbes == 2);
  REQUIRE(config.http.listen.empty());
  REQUIRE(config.metrics.perHost == "web*,!web9");
  REQUIRE(config.metrics.maxHosts == 101);
  REQUIRE(config.log.level == LogLevel::WARN);
  REQUIRE(config.log.format == LogFormat::JSON);
  REQUIRE(config.log.file == "/var/log/agentd.log");
  REQUIRE(config.log.maxBytes == 65536);
  REQUIRE(config.log.maxFiles == 6);
  REQUIRE(config.log.auditFile == "/var/log/audit.jsonl");
  REQUIRE(config.log.app == LogLevel::DEBUG);
  REQUIRE(config.log.callers == LogLevel::INFO);
  REQUIRE(config.log.commands == LogLevel::WARN);
  REQUIRE(config.log.pool == LogLevel::ERROR);
  REQUIRE(config.log.transfers == LogLevel::OFF);
  REQUIRE(config.log.jobs == LogLevel::UNSET);
  REQUIRE(config.log.http == LogLevel::DEBUG);
  REQUIRE(config.access.allowGroups == "ops,ci");
  REQUIRE(config.access.viewGroups == "staff");
  for (const auto& entry : loaded.entries) REQUIRE(entry.origin.starts_with(file.path() + ":"));
}

TEST_CASE("each value says where it comes from, and later sources win") {
  auto loaded = ConfigFile("profile = \"scaling\"\n[breaker]\nopen_ms = 50\nfailure_threshold = 9\n")
                    .load({{"CBSESSION_BREAKER_OPEN_MS", "70"}, {"CBSESSION_SESSION_COMMAND_CORE_POOL_SIZE", ""}});
  REQUIRE(loaded);
  REQUIRE(loaded->config.breaker.openMs == 70);
  REQUIRE(originOf(*loaded, "breaker.open_ms") == "environment CBSESSION_BREAKER_OPEN_MS");
  REQUIRE(originOf(*loaded, "breaker.failure_threshold").ends_with("/agentd.toml:4"));
  REQUIRE(originOf(*loaded, "session.command.core_pool_size") == "profile scaling");
  REQUIRE(originOf(*loaded, "breaker.half_open_probes") == "default");
}

TEST_CASE("a section for hosts sets what it names and nothing else, in the order of the file") {
  ConfigFile file(R"(
[host."web*,!web9"]
max_connections_per_host = 2
open_ms = 70
[host.db1]
connection_idle_timeout_ms = 80
)");
  REQUIRE(file.faults() == Faults{});
  LoadedConfig loaded = *file.load();
  const auto& hosts = loaded.config.hosts;
  REQUIRE(hosts.size() == 2);
  REQUIRE(hosts[0].patterns == "web*,!web9");
  REQUIRE(hosts[0].ssh.maxConnectionsPerHost == 2);
  REQUIRE(hosts[0].breaker.openMs == 70);
  REQUIRE(hosts[0].ssh.connectionIdleTimeoutMs == 0);
  REQUIRE(hosts[0].breaker.failureThreshold == 0);
  REQUIRE(hosts[1].patterns == "db1");
  REQUIRE(hosts[1].ssh.connectionIdleTimeoutMs == 80);
  REQUIRE(entry(loaded, "host.\"web*,!web9\".open_ms").valueText == "70");
  REQUIRE(originOf(loaded, "host.db1.connection_idle_timeout_ms").ends_with("/agentd.toml:6"));
}

TEST_CASE("faults in a section for hosts are named with the nearest right key") {
  auto faults =
      ConfigFile("[host.\"web*\"]\nmax_connection_per_host = 2\nopen_ms = \"x\"\nconnection_max_bytes = 1\n").faults();
  REQUIRE(faults.size() == 3);
  REQUIRE(
      faults[0].find(
          "host.\"web*\".max_connection_per_host: unknown key for a host; did you mean max_connections_per_host?") !=
      std::string::npos);
  REQUIRE(faults[1].find("expected an integer, found a string") != std::string::npos);
  REQUIRE(faults[2].find("out of range") != std::string::npos);
}

TEST_CASE("what differs between two configurations is told, with what applies only at a start") {
  auto before = *ConfigFile("[breaker]\nopen_ms = 70\n[host.db1]\nopen_ms = 5000\n").load();
  auto after = *ConfigFile("[session.ssh]\nconfig_file = \"none\"\n[breaker]\nopen_ms = 80\n").load();
  auto changes = changesBetween(before, after);
  REQUIRE(changes.size() == 3);
  REQUIRE(changes[0].key == "session.ssh.config_file");
  REQUIRE(changes[0].atRestart);
  REQUIRE(changes[1].key == "breaker.open_ms");
  REQUIRE(changes[1].before == "70");
  REQUIRE(changes[1].after == "80");
  REQUIRE_FALSE(changes[1].atRestart);
  REQUIRE(changes[2].key == "host.db1.open_ms");
  REQUIRE(changes[2].after.empty());
  REQUIRE(changesBetween(after, after).empty());
}

TEST_CASE("the scaling profile raises the limits that no source has set") {
  ConfigFile file("[session.ssh]\nconnection_idle_timeout_ms = 1234\n");
  auto loaded = file.load({{"CBSESSION_PROFILE", "default"}}, "scaling");
  REQUIRE(loaded);
  REQUIRE(loaded->config.profile == "scaling");
  REQUIRE(originOf(*loaded, "profile") == "--profile");
  REQUIRE(loaded->config.ssh.maxConnectionsPerInstance == 200'000);
  REQUIRE(loaded->config.ssh.connectionIdleTimeoutMs == 1234);
  REQUIRE(loaded->config.command.corePoolSize == 2'000);
}

TEST_CASE("a wrong type is named with what was expected") {
  ConfigFile file(
      "profile = 3\n[session.ssh]\nmax_connections_per_host = \"eight\"\nconfig_file = true\n"
      "cleanup_interval_ms = 1.5\n[session.command]\ncore_pool_size = [1]\n[session.command.queue_capacity]\nx = 1\n");
  REQUIRE(file.faults() ==
          Faults{"1:11: profile: expected a string, found an integer",
                 "3:28: session.ssh.max_connections_per_host: expected an integer, found a string",
                 "4:15: session.ssh.config_file: expected a string, found a boolean",
                 "5:23: session.ssh.cleanup_interval_ms: expected an integer, found a number with a fraction",
                 "7:18: session.command.core_pool_size: expected an integer, found an array",
                 "8:1: session.command.queue_capacity: expected an integer, found a table"});
}

TEST_CASE("a section that is no table is named") {
  REQUIRE(
      ConfigFile("breaker = 1\n[[session]]\nx = 1\n").faults() ==
      Faults{"1:11: breaker: expected a table, found an integer", "2:1: session: expected a table, found an array"});
}

TEST_CASE("an unknown key is named with the nearest right one") {
  ConfigFile file(
      "queue_capacity = 1\ncolour = 1\n[session.ssh]\nmaxConnectionsPerInstance = 5\n[sesion.command]\nx = 1\n");
  REQUIRE(file.faults() == Faults{"1:1: queue_capacity: unknown key; did you mean session.command.queue_capacity?",
                                  "2:1: colour: unknown key; `cbsession config show` lists those there are",
                                  "4:1: session.ssh.maxConnectionsPerInstance: unknown key; did you mean "
                                  "session.ssh.max_connections_per_instance?",
                                  "5:2: sesion: unknown key; did you mean session?"});
}

TEST_CASE("a value out of range is named with its range") {
  ConfigFile file(
      "[session.ssh]\nmax_connections_per_host = 0\nmax_channels_per_connection = -1\n[session.command]\n"
      "queue_capacity = 1000001\nmax_pool_size = 9223372036854775807\n");
  REQUIRE(file.faults() ==
          Faults{"2:28: session.ssh.max_connections_per_host: 0 is out of range: expected 1 to 10000",
                 "3:31: session.ssh.max_channels_per_connection: -1 is out of range: expected 1 to 10000",
                 "5:18: session.command.queue_capacity: 1000001 is out of range: expected 0 to 1000000",
                 "6:17: session.command.max_pool_size: 9223372036854775807 is out of range: expected 1 to 1000000"});
}

TEST_CASE("a word that is no choice, and a text of the wrong form, are refused") {
  ConfigFile file(
      "profile = \"scalling\"\n[session.command]\nrejection_policy = \"\"\n[session.ssh]\nconfig_file = \"conf\"\n"
      "[http]\nlisten = \"localhost\"\n");
  REQUIRE(file.faults() ==
          Faults{"1:11: profile: expected \"default\" or \"scaling\", found \"scalling\"; did you mean \"scaling\"?",
                 "3:20: session.command.rejection_policy: expected \"abort\", \"block\", \"discard\" or "
                 "\"discard_oldest\", found \"\"",
                 "5:15: session.ssh.config_file: expected an absolute path, one in ~/, or \"none\", found \"conf\"",
                 "7:10: http.listen: expected ADDRESS:PORT, \"unix:/PATH\" or \"\" for none, found \"localhost\""});
}

TEST_CASE("the address of the metrics may be IPv4, IPv6, localhost, a socket or nothing") {
  for (std::string listen : {"127.0.0.1:9461", "[::1]:80", "localhost:0", "*:9461", "unix:/run/x.sock", ""}) {
    REQUIRE(ConfigFile("[http]\nlisten = \"" + listen + "\"\n").faults() == Faults{});
  }
  for (std::string listen : {":80", "a:", "a:65536", "a:1234567890123", "unix:x", "a:-1", "unix:", "metrics.example:80",
                             "::1:9461", "[127.0.0.1]:80", "[]:80"}) {
    INFO(listen);
    REQUIRE(ConfigFile("[http]\nlisten = \"" + listen + "\"\n").faults().size() == 1);
  }
}

TEST_CASE("a maximum below the core size is refused with the origin of both") {
  ConfigFile file("[session.command]\ncore_pool_size = 60\n");
  REQUIRE(file.faults() ==
          Faults{"2:18: session.command.core_pool_size: max_pool_size (50, default) is less than core_pool_size (60, " +
                 file.path() + ":2)"});
  REQUIRE(ConfigFile().load({}, "").error().size() == 1);
  auto small = loadConfig({.environment = {{"CBSESSION_SESSION_COMMAND_MAX_POOL_SIZE", "9"}}});
  REQUIRE(faultText(small.error().at(0)) ==
          "CBSESSION_SESSION_COMMAND_MAX_POOL_SIZE: max_pool_size (9, environment "
          "CBSESSION_SESSION_COMMAND_MAX_POOL_SIZE) is less than "
          "core_pool_size (10, default)");
}

TEST_CASE("the audit log is no file of the log's") {
  auto faults = [](const std::string& log, const std::string& audit) {
    return ConfigFile("[log]\nfile = \"" + log + "\"\naudit_file = \"" + audit + "\"\n").faults();
  };
  for (std::string audit : {"/var/log/x", "/var/./log/x", "/var/log/x.1", "/var/log/x.12"}) {
    auto found = faults("/var/log/x", audit);
    INFO(audit);
    REQUIRE(found.size() == 1);
    REQUIRE(found[0].starts_with("3:14: log.audit_file: audit_file (" + audit + ", "));
  }
  for (std::string audit : {"", "/var/log/y", "/var/log/x.", "/var/log/x.1a", "/var/log/x.jsonl", "/var/log/xx"}) {
    REQUIRE(faults("/var/log/x", audit) == Faults{});
  }
  REQUIRE(faults("", "/var/log/x") == Faults{});
}

TEST_CASE("faults in the environment name the variable") {
  Environment environment = {{"CBSESSION_BREAKER_OPEN_MS", "soon"},
                             {"CBSESSION_HTTP_LISTEN", "x"},
                             {"CBSESSION_SESSION_SSH_CLEANUP_INTERVAL", "1"},
                             {"CBSESSION_SESSION_COMMAND_QUEUE_CAPACITY", "99999999999999999999"},
                             {"CBSESSION_SOCKET", "/s"},
                             {"CBSESSION_PROFILE", "big"}};
  REQUIRE(ConfigFile("").faults(environment) ==
          Faults{"CBSESSION_PROFILE: expected \"default\" or \"scaling\", found \"big\"",
                 "CBSESSION_SESSION_COMMAND_QUEUE_CAPACITY: expected an integer, found \"99999999999999999999\"",
                 "CBSESSION_BREAKER_OPEN_MS: expected an integer, found \"soon\"",
                 "CBSESSION_HTTP_LISTEN: expected ADDRESS:PORT, \"unix:/PATH\" or \"\" for none, found \"x\"",
                 "CBSESSION_SESSION_SSH_CLEANUP_INTERVAL: unknown variable; did you mean "
                 "CBSESSION_SESSION_SSH_CLEANUP_INTERVAL_MS?"});
}

TEST_CASE("a wrong profile on the command line is named by its option") {
  auto loaded = loadConfig({.profileOverride = "huge"});
  REQUIRE(faultText(loaded.error().at(0)) == "--profile: expected \"default\" or \"scaling\", found \"huge\"");
}

TEST_CASE("text that is not TOML is one fault with its place, beside those of other sources") {
  auto faults = ConfigFile("[breaker]\nopen_ms = = 3\n").faults({{"CBSESSION_PROFILE", "big"}});
  REQUIRE(faults.size() == 2);
  REQUIRE(faults[0].starts_with("2:"));
  REQUIRE(faults[0].find("not TOML: ") != std::string::npos);
}

TEST_CASE("a key that is given twice is a fault") {
  REQUIRE(ConfigFile("[breaker]\nopen_ms = 300\nopen_ms = 400\n").faults().size() == 1);
}

TEST_CASE("a missing file is a fault only if it was asked for") {
  ConfigFile file;
  REQUIRE(loadConfig({.path = file.path()}));
  REQUIRE(loadConfig({.path = file.path() + "/below/it"}));
  REQUIRE(file.faults() == Faults{"there is no such file"});
}

TEST_CASE("files that are none of ours are refused as a whole") {
  ConfigFile file;
  SECTION("a directory") {
    mkdir(file.path().c_str(), 0700);
    REQUIRE(file.faults() == Faults{"is a directory; a file is expected"});
  }
  SECTION("a pipe that nobody writes to") {
    REQUIRE(mkfifo(file.path().c_str(), 0600) == 0);
    REQUIRE(file.faults() == Faults{"is not a regular file"});
  }
  SECTION("a huge file") {
    std::ofstream(file.path()) << std::string((1 << 20) + 1, '\n');
    REQUIRE(file.faults() == Faults{"is larger than 1 MiB: that is no configuration"});
  }
  SECTION("a link to itself") {
    REQUIRE(symlink(file.path().c_str(), file.path().c_str()) == 0);
    REQUIRE(file.faults() == Faults{"cannot be read: Too many levels of symbolic links"});
  }
  SECTION("a file that may not be read") {
    if (geteuid() == 0) SKIP("root may read everything");
    std::ofstream(file.path()) << "";
    chmod(file.path().c_str(), 0);
    REQUIRE(file.faults() == Faults{"cannot be read: Permission denied"});
  }
}

TEST_CASE("/dev/null is an empty configuration") {
  REQUIRE(loadConfig({.path = "/dev/null", .pathWasExplicit = true}));
}

TEST_CASE("tables nested without end are refused before they cost the stack") {
  std::string dots = "a";
  for (int i = 0; i < 400'000; ++i) dots += ".a";
  REQUIRE(ConfigFile("[" + dots + "]\n").faults() == Faults{"1: the line is longer than 4096 bytes"});
  REQUIRE(ConfigFile("a = " + std::string(4000, '[') + "\n").faults().size() == 1);
}

TEST_CASE("random bytes are never taken and never crash") {
  std::mt19937 random(7);
  const std::string pieces[] = {"[session.ssh]\n",
                                "open_ms = 3\n",
                                "\"",
                                "'''",
                                "[[",
                                "{",
                                "}",
                                "=",
                                ".",
                                "\n",
                                "\xff\xfe",
                                "a",
                                "1e9",
                                std::string(1, '\0'),
                                "\\u00",
                                "#",
                                "[breaker]\n",
                                "1979-05-27",
                                "0x",
                                "inf",
                                "\xef\xbb\xbf"};
  for (int round = 0; round < 500; ++round) {
    std::string text = "x";
    for (unsigned i = 0; i < random() % 40; ++i) {
      text += random() % 4 == 0 ? std::string(1, static_cast<char>(random())) : pieces[random() % std::size(pieces)];
    }
    REQUIRE_FALSE(ConfigFile(text).faults().empty());
  }
}

}  // namespace
}  // namespace cbs
