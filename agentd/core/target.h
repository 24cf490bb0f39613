// What a caller types to name a host.
#pragma once

#include "common/error.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace cbs::core {

struct Target {
  std::string host;  // a name, an alias of ssh_config, or a numeric address without brackets
  std::optional<std::string> user;
  std::optional<uint16_t> port;
  bool operator==(const Target&) const = default;
};

// Reads `[user@]host[:port]`, where an IPv6 address that is followed by a port stands in brackets, or
// `ssh://[user@]host[:port]`.
//
// Fails with usage/badTarget. What it lets through cannot be taken for an option by `ssh`, nor for anything but a word
// by a shell that an ssh_config hands it to (ProxyCommand, Match exec): the rules are those of OpenSSH's valid_hostname
// and valid_ruser.
Expected<Target> parseTarget(std::string_view text);

}  // namespace cbs::core
