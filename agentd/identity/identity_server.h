// One host's keys, as engines see them.
#pragma once

#include "agentd/identity/key_ring.h"
#include "schema/engine.capnp.h"

#include <map>
#include <memory>
#include <string>

namespace cbs::identity {

// Serves schema::Identity. Sign with a key that `keys` has not given fails with authRefused/noKey.
class IdentityServer final : public schema::Identity::Server {
 public:
  IdentityServer(std::shared_ptr<KeyStore> store, KeySettings settings)
      : ring_(std::move(store), std::move(settings)) {}

  kj::Promise<void> keys(KeysContext context) override { return giveKeys(kj::mv(context)); }
  kj::Promise<void> sign(SignContext context) override { return giveSignature(kj::mv(context)); }

 private:
  Task<void> giveKeys(KeysContext context);
  Task<void> giveSignature(SignContext context);
  Task<Expected<std::string>> signWith(std::string blob, std::string data, std::string algorithm);

  KeyRing ring_;
  // Who signs with a key: those that the last listing gave, by their blob. A login may still be at work with an earlier
  // one, so a key that has gone stays until there are many.
  std::map<std::string, std::shared_ptr<AgentClient>> holders_;
};

}  // namespace cbs::identity
