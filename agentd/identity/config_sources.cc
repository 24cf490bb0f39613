#include "agentd/identity/config_sources.h"

#include "agentd/identity/path_tokens.h"

#include <utility>
#include <vector>

namespace cbs::identity {
namespace {

// Of those that callers name. When there are more, all are forgotten, and read again when they are asked for.
constexpr size_t kMostNamed = 100;

// A caller may write such a file anew for each of its commands: every time it is looked at.
constexpr auto kAlwaysLook = 0 * kj::SECONDS;

constexpr auto kUserConfig = "~/.ssh/config";

std::vector<ConfigFiles::Root> rootsOf(const std::string& configFile) {
  auto userFolder = homeFolder() + "/.ssh";
  if (configFile == "none") return {};
  if (!configFile.empty()) return {{configFile, userFolder}};
  return {{userFolder + "/config", userFolder}, {"/etc/ssh/ssh_config", "/etc/ssh"}};
}

// In ConfigQuery's terms: "" for ssh's own choice.
std::string queriedFile(const std::string& configFile) {
  return configFile == kUserConfig || configFile == homeFolder() + "/.ssh/config" ? "" : expandTilde(configFile);
}

}  // namespace

ConfigSources::ConfigSources(std::string configFile)
    : ownFile_(queriedFile(configFile)), own_{serials_++, ConfigFiles(rootsOf(ownFile_))} {}

uint64_t ConfigSources::generation(const std::string& named, kj::TimePoint now) {
  auto& [serial, files] = source(named);
  return serial << 32 | (files.generation(now) & 0xffffffff);
}

const ConfigKin& ConfigSources::kin(const std::string& named) { return source(named).files.kin(); }

ConfigSources::Source& ConfigSources::source(const std::string& named) {
  if (named.empty()) return own_;
  auto known = named_.find(named);
  if (known != named_.end()) return known->second;
  if (named_.size() >= kMostNamed) named_.clear();
  return named_.emplace(named, Source{serials_++, ConfigFiles(rootsOf(named), kAlwaysLook)}).first->second;
}

}  // namespace cbs::identity
