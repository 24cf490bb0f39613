// What a known_hosts file says, indexed by host name (sshd(8), SSH_KNOWN_HOSTS FILE FORMAT).
#pragma once

#include "common/error.h"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace cbs::identity {

struct KnownKey {
  std::string blob;
  uint32_t line = 0;
  bool revoked = false;
};

// One file's content. Does not change.
class KnownHostsFile {
 public:
  // Lines that are broken, of an unknown kind, longer than 64 KiB, or that name a certificate authority are skipped: an
  // authority's key proves nothing when a host shows it as its own.
  static KnownHostsFile parse(std::string_view text);

  // The same from a file; empty if there is none, if it cannot be read or is larger than 64 MiB. Fails with
  // overloaded/descriptorLimit when descriptors have run out. Blocks.
  static Expected<KnownHostsFile> read(const std::string& path);

  // The keys of the lines that name `host`, which is a name in lower case, or `[name]:port`; in the order of the lines.
  // They live as long as the file. Costs about a microsecond for each hashed line.
  std::vector<const KnownKey*> find(const std::string& host) const;

  size_t hashedLines() const { return hashed_.size(); }

 private:
  struct HashedName {
    std::string salt;
    std::string hash;
    size_t key;
  };
  struct Patterns {
    std::string list;
    size_t key;
  };
  void addLine(std::string_view line, uint32_t number);
  void addHosts(std::string_view hosts, size_t key);

  std::vector<KnownKey> keys_;
  std::unordered_multimap<std::string, size_t> names_;
  std::vector<HashedName> hashed_;
  std::vector<Patterns> patterns_;
};

// How known_hosts names a host: the name in lower case, in brackets with the port unless that is 22.
std::string knownHostsName(std::string_view host, uint16_t port);

// `|1|salt|hash`, as HashKnownHosts wants names written, with a salt of its own.
std::string hashedName(const std::string& name);

}  // namespace cbs::identity
