// Hosts by what they have printed: what many have printed alike is kept once.
#pragma once

#include "cli/fanout/spool.h"

#include <unordered_map>
#include <vector>

namespace cbs::cli {

class OutputGroups {
 public:
  struct Group {
    Spool::Text text;
    std::vector<uint32_t> hosts;  // ascending
  };

  explicit OutputGroups(Spool& spool) : spool_(spool) {}

  // Errors are the spool's, here and below.
  Expected<void> append(uint32_t host, kj::ArrayPtr<const kj::byte> bytes);

  // Nothing more comes of it. A host that has printed nothing is in no group, unless `evenIfEmpty`.
  Expected<void> close(uint32_t host, bool evenIfEmpty = false);

  // Closes the rest. The largest group comes first, and of equal ones that of the first host. To be called once.
  Expected<std::vector<Group>> finish();

 private:
  struct Open {
    Spool::Text text;
    uint64_t hash = kEmptyHash;
  };
  static constexpr uint64_t kEmptyHash = 0xcbf29ce484222325;  // FNV-1a

  Expected<void> put(uint32_t host, Open open);

  Spool& spool_;
  std::unordered_map<uint32_t, Open> open_;
  std::unordered_multimap<uint64_t, size_t> byHash_;  // places in `groups_`: those that may be alike
  std::vector<Group> groups_;
};

}  // namespace cbs::cli
