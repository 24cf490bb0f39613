// Notes down a host's key.
#pragma once

#include "common/error.h"

#include <string>

namespace cbs::identity {

struct NewKnownHost {
  std::string path;  // of the known_hosts file
  std::string name;  // knownHostsName()
  std::string blob;
  bool hash = false;  // write the name hashed
};

// Appends a line under an exclusive lock, unless the file has come to know a key for the name meanwhile. Makes the file
// (0600) and its folder (0700) if they are missing. Blocks, for at most five seconds.
Expected<void> appendKnownHost(const NewKnownHost& host);

}  // namespace cbs::identity
