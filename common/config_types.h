// The values that can be configured, and their defaults.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace cbs {

// What becomes of a command that comes when every lane is busy and the queue is full.
enum class RejectionPolicy {
  ABORT,           // it is refused
  BLOCK,           // it waits outside the queue
  DISCARD,         // it is refused as one that nobody misses
  DISCARD_OLDEST,  // the one that has waited longest is refused, and it takes its place
};

enum class LogLevel { DEBUG, INFO, WARN, ERROR, OFF, UNSET };
enum class LogFormat { TEXT, JSON };

struct Config {
  std::string profile = "default";

  struct Ssh {
    uint32_t maxConnectionsPerInstance = 1000;
    uint64_t connectionIdleTimeoutMs = 300'000;
    uint64_t cleanupIntervalMs = 60'000;
    uint32_t maxConnectionsPerHost = 8;
    std::string configFile = "~/.ssh/config";
    uint32_t maxChannelsPerConnection = 10;
    uint32_t maxTunnelsPerConnection = 64;
    uint64_t passphraseLifetimeMs = 0;
    uint32_t maxChannelsPerCaller = 1000;
    uint32_t maxLogins = 100;
    uint32_t maxLoginsPerHost = 5;
    uint64_t connectTimeoutMs = 10'000;
    uint64_t connectionMaxAgeMs = 3'600'000;
    uint64_t connectionMaxBytes = uint64_t{32} << 30;
    uint64_t probeAfterMs = 60'000;
    uint64_t keepaliveIntervalMs = 30'000;
  } ssh;

  struct Command {
    uint32_t corePoolSize = 10;
    uint32_t maxPoolSize = 50;
    uint32_t queueCapacity = 1000;
    uint64_t keepAliveSeconds = 60;
    RejectionPolicy rejectionPolicy = RejectionPolicy::ABORT;
    uint32_t maxPerHost = 8;
    uint32_t maxPerCaller = 0;
  } command;

  struct Jobs {
    uint32_t poolSize = 10;
    uint32_t capacity = 50'000;
    uint64_t retentionSeconds = 7 * 86'400;
    uint32_t history = 100'000;
    uint64_t outputMaxBytes = uint64_t{64} << 20;
    uint64_t outputTotalBytes = uint64_t{1} << 30;
  } jobs;

  struct FanOut {
    uint32_t poolSize = 500;  // hosts at once: half of the connections, so that others find one
    uint32_t atOnce = 128;    // twice what clush has; each takes 70 KB while it logs in
  } fanOut;

  struct Breaker {
    uint32_t failureThreshold = 5;
    uint64_t openMs = 30'000;
    uint32_t halfOpenProbes = 1;
    uint64_t loginOpenMs = 60'000;
  } breaker;

  struct Http {
    std::string listen = "127.0.0.1:9461";
  } http;

  struct Metrics {
    std::string perHost = "";  // patterns of the hosts that get series of their own, as of Host in ssh_config(5)
    uint32_t maxHosts = 100;
  } metrics;

  struct Log {
    LogLevel level = LogLevel::INFO;
    LogFormat format = LogFormat::TEXT;
    std::string file = "";  // "": standard error
    uint64_t maxBytes = uint64_t{10} << 20;
    uint32_t maxFiles = 5;
    std::string auditFile = "";  // "": none
    // Of a category, where it is another one than `level`.
    LogLevel app = LogLevel::UNSET;
    LogLevel callers = LogLevel::UNSET;
    LogLevel commands = LogLevel::UNSET;
    LogLevel pool = LogLevel::UNSET;
    LogLevel transfers = LogLevel::UNSET;
    LogLevel jobs = LogLevel::UNSET;
    LogLevel http = LogLevel::UNSET;
  } log;

  // Groups of the machine's, between commas. Without any the daemon is its own user's and root's.
  struct Access {
    std::string allowGroups = "";  // may use it
    std::string viewGroups = "";   // may only look
  } access;

  // [host."PATTERNS"]: what differs for hosts whose name matches. What is 0 is not set, "" likewise.
  struct Host {
    std::string patterns;  // as of Host in ssh_config(5), between commas
    Ssh ssh;
    Breaker breaker;
  };
  std::vector<Host> hosts;  // in the order of the file: the first that sets a value decides it

  // A section in which nothing is set.
  static Host unsetHost(std::string patterns);
};

// One thing that is wrong with the configuration.
struct ConfigFault {
  std::string file;     // "" if it does not come from a file
  uint32_t line = 0;    // from 1; 0 if the file as a whole is meant
  uint32_t column = 0;  // from 1, in characters
  std::string key;      // the dotted key, the environment variable or the option; "" if none is meant
  std::string text;     // what is wrong and what would be right

  bool operator==(const ConfigFault&) const = default;
};

}  // namespace cbs
