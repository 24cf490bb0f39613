#include "agentd/ssh/public_key_login.h"

#include "agentd/core/wire.h"

#include <cstring>
#include <optional>

namespace cbs::ssh {
namespace {

// One public key on its way through libssh2_userauth_publickey, which asks for the signature in a callback that may say
// EAGAIN.
class KeyAttempt : public kj::Refcounted {
 public:
  KeyAttempt(std::string user, PublicKey key) : user_(std::move(user)), key_(std::move(key)) {}

  // Tries to go on. Gives kChallenged when a signature is wanted, else as libssh2_userauth_publickey.
  static constexpr ssize_t kChallenged = 1;
  ssize_t step(LIBSSH2_SESSION* session) {
    void* self = this;
    auto* blob = reinterpret_cast<const unsigned char*>(key_.blob.data());
    int code = libssh2_userauth_publickey(session, user_.c_str(), blob, key_.blob.size(), &sign, &self);
    bool wanted = code == LIBSSH2_ERROR_EAGAIN && challenge_ && !signature_ && !refused_;
    return wanted ? kChallenged : code;
  }

  // What the server wants signed, once it has accepted the key.
  const std::optional<std::string>& challenge() const { return challenge_; }
  void answer(std::string signature) { signature_ = std::move(signature); }
  void refuse() { refused_ = true; }

 private:
  static int sign(LIBSSH2_SESSION* session, unsigned char** signature, size_t* length, const unsigned char* data,
                  size_t dataLength, void** abstract) {
    auto* self = static_cast<KeyAttempt*>(*abstract);
    if (self->refused_) return LIBSSH2_ERROR_PUBLICKEY_UNVERIFIED;
    if (!self->challenge_) self->challenge_.emplace(reinterpret_cast<const char*>(data), dataLength);
    if (!self->signature_) return LIBSSH2_ERROR_EAGAIN;
    *length = self->signature_->size();
    // libssh2 frees it with the session's own heap.
    auto* owner = static_cast<Session*>(*libssh2_session_abstract(session));
    *signature = static_cast<unsigned char*>(owner->heap().allocate(*length));
    if (*signature == nullptr) return LIBSSH2_ERROR_ALLOC;
    std::memcpy(*signature, self->signature_->data(), *length);
    return 0;
  }
  std::string user_;
  PublicKey key_;
  std::optional<std::string> challenge_;
  std::optional<std::string> signature_;
  bool refused_ = false;
};

// The signature algorithm stands in the signed data (RFC 4252 §7): session id, type, user, service, "publickey", TRUE,
// algorithm.
std::string algorithmOf(std::string_view challenge) {
  core::WireReader reader(challenge);
  reader.string();  // session identifier
  reader.skip(1);   // SSH_MSG_USERAUTH_REQUEST
  for (int i = 0; i < 3; ++i) reader.string();
  reader.skip(1);
  return std::string(reader.string());
}

}  // namespace

Task<Expected<PublicKeyLogin::Verdict>> PublicKeyLogin::offer(PublicKey key) {
  auto attempt = kj::refcounted<KeyAttempt>(user_, key);
  auto step = [&]() {
    return session_.run(
        [raw = session_.raw(), attempt = kj::addRef(*attempt)]() mutable { return attempt->step(raw); });
  };
  ssize_t code = co_await step();
  bool haveSigned = false;
  if (code == KeyAttempt::kChallenged) {
    const std::string& challenge = *attempt->challenge();
    auto signature = co_await signer_.sign(key.blob, challenge, algorithmOf(challenge));
    haveSigned = signature.has_value();
    if (signature) {
      attempt->answer(std::move(*signature));
    } else {
      shortcoming_ = std::move(signature.error());
      attempt->refuse();
    }
    code = co_await step();
  }
  if (code == 0) co_return Verdict::DONE;
  if (session_.dead()) co_return fail(ErrorKind::UNREACHABLE, Reason::CONNECTION_CLOSED, session_.deathReason());
  co_return haveSigned ? Verdict::SIGNED : Verdict::REFUSED;
}

Task<Expected<bool>> PublicKeyLogin::run() {
  auto keys = co_await signer_.keys();
  if (!keys) shortcoming_ = std::move(keys.error());
  if (!keys) co_return false;
  shortcoming_ = keys->shortcoming;
  for (const PublicKey& key : keys->keys) {
    offered_ += (offered_.empty() ? "" : ", ") + key.comment;
    ++count_;
    auto verdict = co_await offer(key);
    if (!verdict) co_return fail(verdict.error());
    if (*verdict == Verdict::DONE) co_return true;
    // A signature that is good and not enough: the server wants something else now.
    if (*verdict == Verdict::SIGNED) co_return false;
  }
  co_return false;
}

}  // namespace cbs::ssh
