#include "agentd/ssh/login.h"

#include "agentd/core/wire.h"

#include <cstring>
#include <optional>

namespace cbs::ssh {
namespace {

// AES first: OpenSSH rekeys chacha20-poly1305 every GiB, AES-128 every 64 GiB, and libssh2 can stall in a rekey.
constexpr const char* kCiphers =
    "aes128-gcm@openssh.com,aes256-gcm@openssh.com,aes128-ctr,aes192-ctr,aes256-ctr,chacha20-poly1305@openssh.com";

// What a server may send before it has proved its host key: banner lines, key exchange, certificates.
constexpr uint64_t kHandshakeBytes = 256 * 1024;

Error unreachable(Session& session, Reason reason) { return {ErrorKind::UNREACHABLE, reason, session.lastMessage()}; }

// An algorithm list that names nothing libssh2 knows is the configuration's fault.
Expected<void> prefer(Session& session, int method, const std::string& list, const char* key) {
  if (list.empty() || libssh2_session_method_pref(session.raw(), method, list.c_str()) == 0) return {};
  return fail(ErrorKind::UNREACHABLE, Reason::CONFIG_UNUSABLE,
              std::string("none of the configured ") + key + " is supported: " + list);
}

Expected<void> chooseAlgorithms(Session& session, const Algorithms& algorithms, const std::string& hostKeys) {
  const std::string ciphers = algorithms.ciphers.empty() ? kCiphers : algorithms.ciphers;
  struct Choice {
    int method;
    const std::string& list;
    const char* key;
  };
  const Choice choices[] = {
      {LIBSSH2_METHOD_HOSTKEY, hostKeys, "HostKeyAlgorithms"}, {LIBSSH2_METHOD_CRYPT_CS, ciphers, "Ciphers"},
      {LIBSSH2_METHOD_CRYPT_SC, ciphers, "Ciphers"},           {LIBSSH2_METHOD_MAC_CS, algorithms.macs, "MACs"},
      {LIBSSH2_METHOD_MAC_SC, algorithms.macs, "MACs"},        {LIBSSH2_METHOD_KEX, algorithms.kex, "KexAlgorithms"}};
  for (const Choice& choice : choices) {
    if (auto chosen = prefer(session, choice.method, choice.list, choice.key); !chosen) return chosen;
  }
  return {};
}

// What OpenSSH's server says in place of a greeting when it wants no login now.
std::optional<Reason> toldInstead(const char* banner) {
  std::string_view text = banner == nullptr ? "" : banner;
  if (text.starts_with("Exceeded MaxStartups")) return Reason::STARTUPS_EXCEEDED;
  if (text.starts_with("Not allowed at this time")) return Reason::PENALIZED;
  return std::nullopt;
}

Error handshakeError(Session& session) {
  const char* banner = libssh2_session_banner_get(session.raw());
  bool greeted = banner != nullptr && std::strncmp(banner, "SSH-", 4) == 0;
  if (auto told = toldInstead(banner)) return {ErrorKind::UNREACHABLE, *told, banner};
  if (!greeted && session.bytesIn() > 0) return unreachable(session, Reason::BANNER_INVALID);
  return unreachable(session, session.peerGone() ? Reason::CONNECTION_CLOSED : Reason::HANDSHAKE_FAILED);
}

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

std::string join(const std::vector<std::string>& words) {
  std::string list;
  for (const std::string& word : words) list += (list.empty() ? "" : ",") + word;
  return list;
}

// Offers one key. Gives whether the server took it; fails when the connection breaks.
Task<Expected<bool>> offer(Session& session, std::string user, PublicKey key, Signer& signer, Error& signFailure) {
  auto attempt = kj::refcounted<KeyAttempt>(std::move(user), key);
  auto step = [&]() {
    return session.run([raw = session.raw(), attempt = kj::addRef(*attempt)]() mutable { return attempt->step(raw); });
  };
  ssize_t code = co_await step();
  if (code == KeyAttempt::kChallenged) {
    const std::string& challenge = *attempt->challenge();
    auto signature = co_await signer.sign(key.blob, challenge, algorithmOf(challenge));
    if (signature) {
      attempt->answer(std::move(*signature));
    } else {
      signFailure = std::move(signature.error());
      attempt->refuse();
    }
    code = co_await step();
  }
  if (code == 0) co_return true;
  if (session.dead()) co_return fail(ErrorKind::UNREACHABLE, Reason::CONNECTION_CLOSED, session.deathReason());
  co_return false;
}

// The methods that the server would take, e.g. "publickey,password"; asking is an attempt of its own (`none`).
Task<std::string> methodsOf(Session& session, std::string user) {
  char* methods = nullptr;
  co_await session.run([&, raw = session.raw()]() -> ssize_t {
    methods = libssh2_userauth_list(raw, user.data(), static_cast<unsigned>(user.size()));
    return methods == nullptr ? libssh2_session_last_errno(raw) : 0;
  });
  co_return methods == nullptr ? std::string() : std::string(methods);
}

}  // namespace

Task<Expected<void>> authenticate(Session& session, std::string user, Signer& signer) {
  auto keys = co_await signer.keys();
  if (!keys) co_return fail(keys.error());
  Error refusal = keys->shortcoming.value_or(Error{ErrorKind::AUTH_REFUSED, Reason::KEYS_REFUSED, ""});
  std::string offered;
  for (const PublicKey& key : keys->keys) {
    offered += (offered.empty() ? "" : ", ") + key.comment;
    auto accepted = co_await offer(session, user, key, signer, refusal);
    if (!accepted && offered != key.comment) {
      // A server that hangs up after several keys has had enough of them (MaxAuthTries).
      co_return fail(
          Error{ErrorKind::AUTH_REFUSED, Reason::KEYS_REFUSED, accepted.error().detail}.with("offered", offered));
    }
    if (!accepted) co_return fail(accepted.error());
    if (*accepted) co_return {};
  }
  std::string methods = co_await methodsOf(session, user);
  if (session.dead()) co_return fail(ErrorKind::UNREACHABLE, Reason::CONNECTION_CLOSED, session.deathReason());
  co_return fail(std::move(refusal).with("user", user).with("offered", offered).with("methods", methods));
}

Task<Expected<void>> handshake(Session& session, Algorithms algorithms, HostKeyJudge& judge, std::string address) {
  auto hostKeys = co_await judge.algorithms();
  if (!hostKeys) co_return fail(hostKeys.error());
  if (auto chosen = chooseAlgorithms(session, algorithms, join(*hostKeys)); !chosen) co_return fail(chosen.error());

  session.limitInput(kHandshakeBytes);
  ssize_t code =
      co_await session.run([&session]() { return libssh2_session_handshake(session.raw(), session.socket()); });
  if (code != 0) co_return fail(handshakeError(session));
  session.unlimitInput();

  size_t length = 0;
  const char* key = libssh2_session_hostkey(session.raw(), &length, nullptr);
  if (key == nullptr) co_return fail(unreachable(session, Reason::HANDSHAKE_FAILED));
  co_return co_await judge.judge(std::string(key, length), address);
}

}  // namespace cbs::ssh
