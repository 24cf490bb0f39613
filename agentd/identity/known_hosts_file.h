// What a known_hosts file says, indexed by host name (sshd(8), SSH_KNOWN_HOSTS FILE FORMAT).
#pragma once

#include "agentd/identity/name_hash.h"
#include "common/error.h"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace cbs::identity {

struct KnownKey {
  enum class Marker {
    NONE,            // the host's own key
    CERT_AUTHORITY,  // signs the host's certificates, and proves nothing when a host shows it as its own
    REVOKED,         // never to be accepted, as either
  };
  std::string blob;
  uint32_t line = 0;
  Marker marker = Marker::NONE;
};

// One file's content. Does not change.
class KnownHostsFile {
 public:
  KnownHostsFile();
  ~KnownHostsFile();
  KnownHostsFile(KnownHostsFile&&) noexcept;
  KnownHostsFile& operator=(KnownHostsFile&&) noexcept;

  // Lines that are broken or of an unknown kind are skipped, as ssh does.
  static KnownHostsFile parse(std::string_view text);

  // The same from a file; empty if there is none, if it cannot be read or is larger than 64 MiB. Fails with
  // overloaded/descriptorLimit when descriptors have run out. Blocks.
  static Expected<KnownHostsFile> read(const std::string& path);

  // The keys of the lines that name `host`, which is a name in lower case, or `[name]:port`; in the order of the lines.
  // They live as long as the file. The first time a name is asked for, each hashed line costs two blocks of SHA-1; the
  // answers for some thousand names are remembered. May be called on several threads.
  std::vector<const KnownKey*> find(const std::string& host) const;

  // The lines that must be hashed to find `host`: none if its answer is remembered.
  size_t linesToHash(const std::string& host) const;

 private:
  struct HashedName {
    NameHashKey salt;
    Sha1State hash;
    size_t key;
  };
  class Answers;
  struct Patterns {
    std::string list;
    size_t key;
  };
  void addLine(std::string_view line, uint32_t number);
  void addHosts(std::string_view hosts, size_t key);
  void addHashed(std::string_view name, size_t key);
  std::vector<size_t> search(const std::string& host) const;

  std::vector<KnownKey> keys_;
  std::unordered_multimap<std::string, size_t> names_;
  std::vector<HashedName> hashed_;
  std::vector<Patterns> patterns_;
  std::unique_ptr<Answers> answers_;
};

// How known_hosts names a host: the name in lower case, in brackets with the port unless that is 22.
std::string knownHostsName(std::string_view host, uint16_t port);

// `|1|salt|hash`, as HashKnownHosts wants names written, with a salt of its own.
std::string hashedName(const std::string& name);

}  // namespace cbs::identity
