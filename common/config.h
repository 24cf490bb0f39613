// What can be configured, and how the values are found: defaults, a profile, a TOML file, the environment, the command
// line; later ones win. PRODUCT.md ("Configuration") is the contract; config_table.cc describes each value.
#pragma once

#include "common/config_types.h"
#include "common/environment.h"

#include <string>
#include <tl/expected.hpp>
#include <vector>

namespace cbs {

// "/etc/cbsession/agentd.toml:3:5: session.ssh.cleanup_interval_ms: expected an integer, found a string"
std::string faultText(const ConfigFault& fault);

// A value that applies, and where it comes from.
struct ConfigEntry {
  std::string key;
  std::string valueText;  // as in the file, but for quotes
  bool quoted;            // it is a string, which TOML and JSON put in quotes
  std::string origin;     // "default", "profile scaling", "FILE:LINE", "environment NAME" or "--profile"
  std::string help;
};

struct LoadedConfig {
  Config config;
  std::vector<ConfigEntry> entries;  // in the order of PRODUCT.md
};

// A value that differs between two configurations.
struct ConfigChange {
  std::string key;
  std::string before;
  std::string after;
  bool atRestart;  // it applies to a daemon that is started, not to one that runs
};

// In the order of `after`. A value that only one of them has is "" in the other.
std::vector<ConfigChange> changesBetween(const LoadedConfig& before, const LoadedConfig& after);

struct ConfigSource {
  std::string path;              // "": no file
  bool pathWasExplicit = false;  // a file that was asked for must be there; the default one need not
  Environment environment;
  std::string profileOverride;  // of the command line; "": none
};

// Reads and checks everything. On failure all faults are given that could be found, those of the file first.
tl::expected<LoadedConfig, std::vector<ConfigFault>> loadConfig(const ConfigSource& source);

}  // namespace cbs
