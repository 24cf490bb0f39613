// Where cbsession keeps its files.
#pragma once

#include "common/environment.h"

#include <sys/types.h>

#include <string>
#include <string_view>

namespace cbs {

// The daemon's places. A path is "" where the environment names no home to put it in.
struct Paths {
  std::string socket;  // its folder is the daemon's own, with mode 0700
  std::string config;
  std::string state;  // a folder
};

// What a user's commands and daemon agree on: CBSESSION_SOCKET and CBSESSION_CONFIG, else the XDG folders, else
// /tmp/cbsession-UID for the socket and the usual folders in HOME for the rest.
Paths userPaths(const Environment& environment, uid_t uid);

// The same for a daemon, which systemd may have given folders of its own (RUNTIME_DIRECTORY, CONFIGURATION_DIRECTORY,
// STATE_DIRECTORY). Only a folder that is called `cbsession` counts: another service's unit may start the daemon too.
Paths daemonPaths(const Environment& environment, uid_t uid);

// Where a user's groups of hosts are: groups.toml beside the usual place of the configuration. "" without a home.
std::string userGroupsPath(const Environment& environment);

// Replaces a leading `~` (alone or before a slash) by `home`. `~other` stays.
std::string expandHome(std::string_view path, std::string_view home);

}  // namespace cbs
