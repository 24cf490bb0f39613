// The keys to offer to one host, in the order in which ssh offers them.
#pragma once

#include "agentd/identity/key_store.h"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace cbs::identity {

struct KeySettings {
  std::vector<std::string> identityFiles;
  bool identitiesOnly = false;
  bool filesAreDefault = false;  // identityFiles are those that ssh tries on its own: that some are missing is no news
  std::string agentSocket;       // "": no agent
  std::vector<std::string> certificateFiles;  // not offered; a problem that is told
};

struct HeldKey {
  AgentKey key;
  std::shared_ptr<AgentClient> holder;  // signs with it
};

class KeyRing {
 public:
  KeyRing(std::shared_ptr<KeyStore> store, KeySettings settings)
      : store_(std::move(store)), settings_(std::move(settings)), userAgent_(store_->agentAt(settings_.agentSocket)) {}

  struct Gathered {
    std::vector<HeldKey>
        keys;  // those of the files that the user's agent has, its others, those of the files that it has not
    std::optional<Error> problem;  // why there are none, or why one that was asked for is missing
  };

  // Looks afresh, as agents and files change.
  Task<Gathered> gather();

 private:
  struct Search;
  Task<void> addFile(Search& search, std::string file);
  Error certificatesUnsupported() const;
  Error noKeys(const Search& search) const;

  std::shared_ptr<KeyStore> store_;
  KeySettings settings_;
  std::shared_ptr<AgentClient> userAgent_;
};

}  // namespace cbs::identity
