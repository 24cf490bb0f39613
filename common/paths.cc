#include "common/paths.h"

#include <algorithm>

namespace cbs {
namespace {

constexpr std::string_view kFolder = "/cbsession";
constexpr std::string_view kSocketName = "/agentd.sock";
constexpr std::string_view kConfigName = "/agentd.toml";

std::string join(std::string_view folder, std::string_view rest) {
  return folder.empty() ? std::string() : std::string(folder).append(rest);
}

// The folder that `variable` names, else the one in HOME, else "". The XDG specification wants relative ones ignored.
std::string xdgFolder(const Environment& environment, std::string_view variable, std::string_view inHome) {
  std::string_view folder = lookUp(environment, variable);
  if (folder.starts_with('/')) return std::string(folder);
  return join(lookUp(environment, "HOME"), inHome);
}

std::string defaultSocket(const Environment& environment, uid_t uid) {
  std::string_view runtime = lookUp(environment, "XDG_RUNTIME_DIR");
  std::string folder = runtime.starts_with('/') ? join(runtime, kFolder) : "/tmp/cbsession-" + std::to_string(uid);
  return folder.append(kSocketName);
}

// The folder called `cbsession` in one of systemd's lists, which are separated by colons, or "".
std::string_view serviceFolder(const Environment& environment, std::string_view variable) {
  std::string_view rest = lookUp(environment, variable);
  while (!rest.empty()) {
    std::string_view folder = rest.substr(0, rest.find(':'));
    if (folder.starts_with('/') && folder.ends_with(kFolder)) return folder;
    rest.remove_prefix(std::min(rest.size(), folder.size() + 1));
  }
  return {};
}

void override(std::string& path, std::string_view folder, std::string_view name) {
  if (!folder.empty()) path = join(folder, name);
}

void applyVariables(Paths& paths, const Environment& environment) {
  override(paths.socket, lookUp(environment, "CBSESSION_SOCKET"), "");
  override(paths.config, lookUp(environment, "CBSESSION_CONFIG"), "");
}

Paths defaultPaths(const Environment& environment, uid_t uid) {
  return {
      .socket = defaultSocket(environment, uid),
      .config = join(join(xdgFolder(environment, "XDG_CONFIG_HOME", "/.config"), kFolder), kConfigName),
      .state = join(xdgFolder(environment, "XDG_STATE_HOME", "/.local/state"), kFolder),
  };
}

}  // namespace

Paths userPaths(const Environment& environment, uid_t uid) {
  Paths paths = defaultPaths(environment, uid);
  applyVariables(paths, environment);
  return paths;
}

Paths daemonPaths(const Environment& environment, uid_t uid) {
  Paths paths = defaultPaths(environment, uid);
  override(paths.socket, serviceFolder(environment, "RUNTIME_DIRECTORY"), kSocketName);
  override(paths.config, serviceFolder(environment, "CONFIGURATION_DIRECTORY"), kConfigName);
  override(paths.state, serviceFolder(environment, "STATE_DIRECTORY"), "");
  applyVariables(paths, environment);
  return paths;
}

std::string userGroupsPath(const Environment& environment) {
  return join(xdgFolder(environment, "XDG_CONFIG_HOME", "/.config"), "/cbsession/groups.toml");
}

std::string expandHome(std::string_view path, std::string_view home) {
  bool inHome = path == "~" || path.starts_with("~/");
  return inHome ? std::string(home).append(path.substr(1)) : std::string(path);
}

}  // namespace cbs
