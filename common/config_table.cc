#include "common/config_table.h"

#include <arpa/inet.h>

#include <algorithm>
#include <cctype>
#include <iterator>

namespace cbs {
namespace {

using Values = std::vector<ConfigValue>;

constexpr std::string_view kProfiles[] = {"default", "scaling"};
constexpr std::string_view kPolicies[] = {"abort", "block", "discard", "discard_oldest"};  // as RejectionPolicy
constexpr std::string_view kLevels[] = {"debug", "info", "warn", "error", "off"};          // as LogLevel
constexpr std::string_view kLevelsOrNone[] = {"debug", "info", "warn", "error", "off", ""};
constexpr std::string_view kFormats[] = {"text", "json"};  // as LogFormat

// What a section [host."PATTERNS"] may set.
constexpr std::string_view kPerHost[] = {"max_connections_per_host",
                                         "max_channels_per_connection",
                                         "max_tunnels_per_connection",
                                         "max_logins_per_host",
                                         "connect_timeout_ms",
                                         "connection_idle_timeout_ms",
                                         "connection_max_age_ms",
                                         "connection_max_bytes",
                                         "probe_after_ms",
                                         "keepalive_interval_ms",
                                         "failure_threshold",
                                         "open_ms",
                                         "half_open_probes",
                                         "login_open_ms"};

constexpr uint64_t kDayMs = 86'400'000;

std::string checkConfigFile(std::string_view path) {
  if (path == "none" || path.starts_with('/') || path.starts_with("~/")) return {};
  return "expected an absolute path, one in ~/, or \"none\"";
}

std::string checkFile(std::string_view path) {
  return path.empty() || path.starts_with('/') ? "" : "expected an absolute path, or \"\" for none";
}

// Nothing is looked up to listen.
bool isListenHost(std::string host) {
  in6_addr ignored;
  if (host == "localhost" || host == "*" || inet_pton(AF_INET, host.c_str(), &ignored) == 1) return true;
  bool inBrackets = host.size() > 2 && host.front() == '[' && host.back() == ']';
  return inBrackets && inet_pton(AF_INET6, host.substr(1, host.size() - 2).c_str(), &ignored) == 1;
}

std::string checkListen(std::string_view address) {
  if (address.empty()) return {};
  if (address.starts_with("unix:/")) return {};
  auto colon = address.rfind(':');
  auto port = colon == address.npos ? std::string_view() : address.substr(colon + 1);
  bool isNumber = !address.starts_with("unix:") && !port.empty() && port.size() <= 5 &&
                  port.find_first_not_of("0123456789") == port.npos;
  if (colon == 0 || !isNumber || std::stoi(std::string(port)) > 65535) {
    return "expected ADDRESS:PORT, \"unix:/PATH\" or \"\" for none";
  }
  if (!isListenHost(std::string(address.substr(0, colon)))) {
    return "expected an ADDRESS that is numeric (IPv6 in brackets), or localhost";
  }
  return {};
}

// The defaults are the Session Service's. The profile "scaling" is for its aim of 200,000 connections from one machine.
//
// max_connections_per_instance: that aim. At 24 KiB each they take 4.6 GiB, and the process needs as many descriptors.
// connection_idle_timeout_ms: with so many hosts an idle connection is seldom asked for again, so it is kept for one
// minute instead of five. cleanup_interval_ms: six looks in that minute, so that none stays much longer.
// core_pool_size, max_pool_size: a command keeps one channel busy, whose buffers are a few KiB, and takes next to no
// CPU while it waits for its host. 2,000 to 10,000 at once visit 200,000 hosts in 20 to 100 rounds. queue_capacity:
// half of the hosts may wait for their turn, at about 2 KiB each. max_per_host: what eight connections of ten channels
// carry; the default is less than core_pool_size, so that a host that hangs cannot take every lane. Other limits per
// host and the breaker stay: a host does not grow because there are more of them.

Values profileValues(Config& config) {
  return {
      {.key = "profile",
       .place = &config.profile,
       .help = "set of limits: default, or scaling for very many hosts",
       .words = kProfiles},
  };
}

Values sshValues(Config::Ssh& ssh) {
  return {
      {.key = "session.ssh.max_connections_per_instance",
       .place = &ssh.maxConnectionsPerInstance,
       .help = "SSH connections open at once, to all hosts together",
       .range = {1, 1'000'000},
       .scaling = 200'000},
      {.key = "session.ssh.connection_idle_timeout_ms",
       .place = &ssh.connectionIdleTimeoutMs,
       .help = "how long an unused connection is kept",
       .range = {10, 30 * kDayMs},
       .scaling = 60'000},
      {.key = "session.ssh.cleanup_interval_ms",
       .place = &ssh.cleanupIntervalMs,
       .help = "how often unused connections are looked for",
       .range = {10, kDayMs},
       .scaling = 10'000},
      {.key = "session.ssh.max_connections_per_host",
       .place = &ssh.maxConnectionsPerHost,
       .help = "SSH connections open at once to one host",
       .range = {1, 10'000}},
      {.key = "session.ssh.config_file",
       .place = &ssh.configFile,
       .help = "the ssh_config(5) that targets are looked up in, as ssh -F; none: no file",
       .check = checkConfigFile},
      {.key = "session.ssh.max_channels_per_connection",
       .place = &ssh.maxChannelsPerConnection,
       .help = "commands and transfers at once on one connection (sshd's MaxSessions)",
       .range = {1, 10'000}},
      {.key = "session.ssh.passphrase_lifetime_ms",
       .place = &ssh.passphraseLifetimeMs,
       .help = "how long a key that took a passphrase is kept; 0: as long as the daemon runs",
       .range = {0, 365 * kDayMs}},
      {.key = "session.ssh.max_tunnels_per_connection",
       .place = &ssh.maxTunnelsPerConnection,
       .help = "connections to hosts behind a jump host that one connection to it carries",
       .range = {1, 10'000}},
  };
}

// Of the same section: what a caller, a login and a connection may take.
Values shareValues(Config::Ssh& ssh) {
  return {
      {.key = "session.ssh.max_channels_per_caller",
       .place = &ssh.maxChannelsPerCaller,
       .help = "commands and transfers at once on behalf of one user",
       .range = {1, 1'000'000},
       .scaling = 10'000},
      {.key = "session.ssh.max_logins",
       .place = &ssh.maxLogins,
       .help = "logins under way at once, to all hosts together",
       .range = {1, 10'000}},
      {.key = "session.ssh.max_logins_per_host",
       .place = &ssh.maxLoginsPerHost,
       .help = "logins under way at once to one address (less than sshd's MaxStartups)",
       .range = {1, 10'000}},
      {.key = "session.ssh.connect_timeout_ms",
       .place = &ssh.connectTimeoutMs,
       .help = "name, network and handshake together, unless ssh_config or the command says otherwise",
       .range = {10, kDayMs}},
      {.key = "session.ssh.connection_max_age_ms",
       .place = &ssh.connectionMaxAgeMs,
       .help = "how long a connection is used at most",
       .range = {10, 30 * kDayMs}},
      {.key = "session.ssh.connection_max_bytes",
       .place = &ssh.connectionMaxBytes,
       .help = "bytes that a connection carries at most in either direction",
       .range = {1024, uint64_t{1} << 50}},
      {.key = "session.ssh.probe_after_ms",
       .place = &ssh.probeAfterMs,
       .help = "silence after which an idle connection has to give a sign of life before it is used",
       .range = {2000, 30 * kDayMs}},
      {.key = "session.ssh.keepalive_interval_ms",
       .place = &ssh.keepaliveIntervalMs,
       .help = "silence after which a server is asked whether it still lives, while a command waits",
       .range = {2000, kDayMs}},
  };
}

Values commandValues(Config::Command& command) {
  return {
      {.key = "session.command.core_pool_size",
       .place = &command.corePoolSize,
       .help = "commands run at once",
       .range = {1, 1'000'000},
       .scaling = 2'000},
      {.key = "session.command.max_pool_size",
       .place = &command.maxPoolSize,
       .help = "commands run at once when the queue is full",
       .range = {1, 1'000'000},
       .scaling = 10'000},
      {.key = "session.command.queue_capacity",
       .place = &command.queueCapacity,
       .help = "commands that may wait for their turn",
       .range = {0, 1'000'000},
       .scaling = 100'000},
      {.key = "session.command.keep_alive_seconds",
       .place = &command.keepAliveSeconds,
       .help = "how long more than core_pool_size commands may run at once after the queue was full",
       .range = {0, 86'400}},
      {.key = "session.command.rejection_policy",
       .place = &command.rejectionPolicy,
       .help = "what happens when the queue is full too: abort, block, discard or discard_oldest",
       .words = kPolicies},
      {.key = "session.command.max_per_host",
       .place = &command.maxPerHost,
       .help = "commands and transfers run at once at one host; 0: no limit",
       .range = {0, 1'000'000},
       .scaling = 80},
      {.key = "session.command.max_per_caller",
       .place = &command.maxPerCaller,
       .help = "commands and transfers run at once for one terminal, job or service; 0: no limit",
       .range = {0, 1'000'000}},
  };
}

Values jobValues(Config::Jobs& jobs) {
  return {
      {.key = "jobs.pool_size",
       .place = &jobs.poolSize,
       .help = "jobs run at once, beside commands",
       .range = {1, 1'000'000},
       .scaling = 2'000},
      {.key = "jobs.capacity",
       .place = &jobs.capacity,
       .help = "jobs that may wait and run",
       .range = {1, 10'000'000},
       .scaling = 500'000},
      {.key = "jobs.retention_seconds",
       .place = &jobs.retentionSeconds,
       .help = "how long a job that has ended is kept, with its output",
       .range = {1, 3650 * 86'400}},
      {.key = "jobs.history",
       .place = &jobs.history,
       .help = "jobs that have ended and are kept",
       .range = {1, 10'000'000},
       .scaling = 1'000'000},
      {.key = "jobs.output_max_bytes",
       .place = &jobs.outputMaxBytes,
       .help = "bytes of one job's output that are kept",
       .range = {1024, uint64_t{1} << 40}},
      {.key = "jobs.output_total_bytes",
       .place = &jobs.outputTotalBytes,
       .help = "bytes of all jobs' output that are kept; the oldest go first",
       .range = {1024, uint64_t{1} << 50}},
  };
}

Values fanOutValues(Config::FanOut& fanOut) {
  return {
      {.key = "fan_out.pool_size",
       .place = &fanOut.poolSize,
       .help = "hosts at once of all commands and uploads on many hosts, beside commands",
       .range = {1, 100'000},
       .scaling = 10'000},
      {.key = "fan_out.at_once",
       .place = &fanOut.atOnce,
       .help = "hosts at once of one that does not say how many",
       .range = {1, 100'000},
       .scaling = 1'000},
  };
}

Values breakerValues(Config::Breaker& breaker) {
  return {
      {.key = "breaker.failure_threshold",
       .place = &breaker.failureThreshold,
       .help = "failed connections in a row after which a host is left alone for a while",
       .range = {1, 1'000'000}},
      {.key = "breaker.open_ms", .place = &breaker.openMs, .help = "how long it is left alone", .range = {10, kDayMs}},
      {.key = "breaker.half_open_probes",
       .place = &breaker.halfOpenProbes,
       .help = "connections that may try it again at once after that",
       .range = {1, 1'000}},
      {.key = "breaker.login_open_ms",
       .place = &breaker.loginOpenMs,
       .help = "how long a host is left alone after a login that it has refused",
       .range = {10, kDayMs}},
  };
}

Values httpValues(Config::Http& http) {
  return {
      {.key = "http.listen",
       .place = &http.listen,
       .help = "address of metrics and health: ADDRESS:PORT, unix:/PATH, or empty for none",
       .check = checkListen},
  };
}

Values metricsValues(Config::Metrics& metrics) {
  return {
      {.key = "metrics.per_host",
       .place = &metrics.perHost,
       .help = "hosts that get series of their own in the metrics: patterns as of Host in ssh_config(5), or empty for "
               "none"},
      {.key = "metrics.max_hosts",
       .place = &metrics.maxHosts,
       .help = "how many such hosts at most; the busiest",
       .range = {1, 1'000}},
  };
}

Values logValues(Config::Log& log) {
  return {
      {.key = "log.level",
       .place = &log.level,
       .help = "what is logged: debug, info, warn, error or off",
       .words = kLevels},
      {.key = "log.format", .place = &log.format, .help = "text, or json: an object a line", .words = kFormats},
      {.key = "log.file",
       .place = &log.file,
       .help = "where the log goes; empty: standard error, under systemd the journal",
       .check = checkFile},
      {.key = "log.max_bytes",
       .place = &log.maxBytes,
       .help = "size at which that file is set aside and a new one begun",
       .range = {64 * 1024, uint64_t{1} << 40}},
      {.key = "log.max_files",
       .place = &log.maxFiles,
       .help = "files that are set aside and kept",
       .range = {1, 1'000}},
      {.key = "log.audit_file",
       .place = &log.auditFile,
       .help = "where it is written who ran what where, a JSON object a line; empty: nowhere",
       .check = checkFile},
  };
}

// What is logged of one category, where that differs.
Values categoryValues(Config::Log& log) {
  auto level = [](std::string_view key, LogLevel& place, std::string_view help) {
    return ConfigValue{.key = key, .place = &place, .help = help, .words = kLevelsOrNone};
  };
  return {
      level("log.app", log.app, "level of what concerns the daemon itself; empty, here and below: log.level"),
      level("log.callers", log.callers, "level of who connects to the socket"),
      level("log.commands", log.commands, "level of commands"),
      level("log.pool", log.pool, "level of connections and breakers"),
      level("log.transfers", log.transfers, "level of transfers and listings"),
      level("log.jobs", log.jobs, "level of jobs"),
      level("log.http", log.http, "level of requests for metrics and health"),
  };
}

Values accessValues(Config::Access& access) {
  return {
      {.key = "access.allow_groups",
       .place = &access.allowGroups,
       .help = "groups whose members may use the daemon as its own user may, between commas"},
      {.key = "access.view_groups",
       .place = &access.viewGroups,
       .help = "groups whose members may only look (stats, connections, health, explain, jobs), between commas"},
  };
}

}  // namespace

std::vector<ConfigValue> configTable(Config& config) {
  Values table;
  for (const Values& section : {profileValues(config), sshValues(config.ssh), shareValues(config.ssh),
                                commandValues(config.command), jobValues(config.jobs), fanOutValues(config.fanOut),
                                breakerValues(config.breaker), httpValues(config.http), metricsValues(config.metrics),
                                logValues(config.log), categoryValues(config.log), accessValues(config.access)}) {
    table.insert(table.end(), section.begin(), section.end());
  }
  return table;
}

Config::Host Config::unsetHost(std::string patterns) {
  Host host{.patterns = std::move(patterns)};
  for (const ConfigValue& value : hostTable(host)) value.unset();
  return host;
}

std::vector<ConfigValue> hostTable(Config::Host& host) {
  Values table;
  for (const Values& section : {sshValues(host.ssh), shareValues(host.ssh), breakerValues(host.breaker)}) {
    for (ConfigValue value : section) {
      value.key.remove_prefix(value.key.rfind('.') + 1);
      bool perHost = std::find(std::begin(kPerHost), std::end(kPerHost), value.key) != std::end(kPerHost);
      if (perHost) table.push_back(value);
    }
  }
  return table;
}

bool appliesAtStart(std::string_view key) { return key == "session.ssh.config_file" || key == "http.listen"; }

std::string environmentName(std::string_view key) {
  std::string name = "CBSESSION_";
  for (char c : key) name += c == '.' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return name;
}

}  // namespace cbs
