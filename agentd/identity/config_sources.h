// The configurations of ssh that targets are looked up in.
#pragma once

#include "agentd/identity/config_files.h"

#include <kj/time.h>

#include <cstdint>
#include <map>
#include <string>

namespace cbs::identity {

// The daemon's own, and those that callers name (SshOptions::configFile); "" is the daemon's.
class ConfigSources {
 public:
  // `configFile` as Resolver::Settings has it.
  explicit ConfigSources(std::string configFile);

  // The daemon's own, in ConfigQuery's terms.
  const std::string& ownFile() const { return ownFile_; }

  // A number that is another one whenever the files of a configuration have changed, and no other configuration's.
  uint64_t generation(const std::string& named, kj::TimePoint now);

  // Which hosts it treats alike, as of the last look.
  const ConfigKin& kin(const std::string& named);

 private:
  struct Source {
    uint64_t serial;
    ConfigFiles files;
  };
  Source& source(const std::string& named);

  std::string ownFile_;
  uint64_t serials_ = 0;
  Source own_;
  std::map<std::string, Source> named_;
};

}  // namespace cbs::identity
