// Who we are to one host, as engines see it.
#pragma once

#include "agentd/identity/key_ring.h"
#include "schema/engine.capnp.h"

#include <map>
#include <memory>
#include <string>

namespace cbs::identity {

// What callers of one host have in common.
struct LoginSettings {
  KeySettings keys;
  std::string login;    // tells apart the logins that may share what is typed
  std::string subject;  // user@host, for people
  bool mayAsk = true;   // BatchMode forbids it
};

// Serves schema::Identity for one caller, or for any whom nobody is to be asked for. Sign with a key that `keys` has
// not given fails with authRefused/noKey.
class IdentityServer final : public schema::Identity::Server {
 public:
  IdentityServer(std::shared_ptr<KeyStore> store, std::shared_ptr<const LoginSettings> login, Asker asker)
      : store_(store), login_(std::move(login)), ring_(std::move(store), {login_, &login_->keys}) {
    if (login_->mayAsk) asker_ = std::move(asker);
  }

  kj::Promise<void> keys(KeysContext context) override { return giveKeys(kj::mv(context)); }
  kj::Promise<void> sign(SignContext context) override { return giveSignature(kj::mv(context)); }
  kj::Promise<void> ask(AskContext context) override { return giveAnswers(kj::mv(context)); }
  kj::Promise<void> refused(RefusedContext context) override;

 private:
  Task<void> giveKeys(KeysContext context);
  Task<void> giveSignature(SignContext context);
  Task<void> giveAnswers(AskContext context);
  Task<Expected<std::string>> signWith(std::string blob, std::string data, std::string algorithm);

  std::shared_ptr<KeyStore> store_;
  std::shared_ptr<const LoginSettings> login_;
  KeyRing ring_;
  Asker asker_;
  // Who signs with a key: those that the last listing gave, by their blob. A login may still be at work with an earlier
  // one, so a key that has gone stays until there are many.
  std::map<std::string, HeldKey> holders_;
};

}  // namespace cbs::identity
