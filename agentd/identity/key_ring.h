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
  std::vector<std::string> certificateFiles;
  std::string acceptedAlgorithms;  // PubkeyAcceptedAlgorithms, comma-separated; "": all of OpenSSH's own
  size_t requiredRsaBits = 0;      // RequiredRSASize
  unsigned prompts = 3;            // how often a passphrase may be wrong
};

// A key that is offered. What signs may be the plain key of a certificate.
struct HeldKey {
  AgentKey key;
  std::string signer;                   // the blob of the key that signs
  std::shared_ptr<AgentClient> holder;  // signs with it
  std::string file;                     // to be added to `holder` first, as it needs a passphrase; "": it has the key
};

class KeyRing {
 public:
  // Many share the settings of one host.
  KeyRing(std::shared_ptr<KeyStore> store, std::shared_ptr<const KeySettings> settings)
      : store_(std::move(store)), settings_(std::move(settings)), userAgent_(store_->agentAt(settings_->agentSocket)) {}

  struct Gathered {
    // As ssh orders them: certificates that are asked for, the agent's keys that files name, its others, other files.
    std::vector<HeldKey> keys;
    std::optional<Error> problem;  // why there are none, or why one that was asked for is missing
  };

  // Looks afresh, as agents and files change.
  Task<Gathered> gather();

  // The raw signature, as Identity.sign in schema/engine.capnp. May ask for a passphrase.
  Task<Expected<std::string>> sign(HeldKey key, std::string data, std::string algorithm, Asker asker);

 private:
  struct Search;
  Task<void> addFile(Search& search, std::string file);
  Task<void> hold(Search& search, std::string file, std::string blob);
  void addCertificate(Search& search, const std::string& path, bool askedFor) const;
  bool accepts(std::string_view blob) const;
  std::vector<HeldKey> inOrder(const Search& search) const;
  Error noKeys(const Search& search) const;

  std::shared_ptr<KeyStore> store_;
  std::shared_ptr<const KeySettings> settings_;
  std::shared_ptr<AgentClient> userAgent_;
};

}  // namespace cbs::identity
