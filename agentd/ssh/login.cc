#include "agentd/ssh/login.h"

#include <poll.h>

#include <cstring>
#include <optional>
#include <utility>

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

// Others are dropped by libssh2 itself; without the patch, certificates would be offered and then fail the handshake.
void dropUnsupported(std::vector<std::string>& hostKeys) {
#ifndef LIBSSH2_HAS_HOST_CERTIFICATES
  std::erase_if(hostKeys, [](const std::string& name) { return name.ends_with("-cert-v01@openssh.com"); });
#else
  (void)hostKeys;
#endif
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

ssize_t takeHandshakeFurther(Session& session) { return libssh2_session_handshake(session.raw(), session.socket()); }

// There is something to read, or nothing more to come.
bool hasSpoken(const Session& session) {
  pollfd spoken{session.socket(), POLLIN, 0};
  return poll(&spoken, 1, 0) > 0;
}

// libssh2 goes on to the key exchange as soon as there is something to read, so that it is not called then.
ssize_t sayHello(Session& session, bool& greeted) {
  if (hasSpoken(session)) return 0;
  return std::exchange(greeted, true) ? LIBSSH2_ERROR_EAGAIN : takeHandshakeFurther(session);
}

std::string join(const std::vector<std::string>& words) {
  std::string list;
  for (const std::string& word : words) list += (list.empty() ? "" : ",") + word;
  return list;
}

}  // namespace

Task<Expected<void>> greet(Session& session, Algorithms algorithms, HostKeyJudge& judge) {
  auto hostKeys = co_await judge.algorithms();
  if (!hostKeys) co_return fail(hostKeys.error());
  dropUnsupported(*hostKeys);
  if (hostKeys->empty()) {
    co_return fail(ErrorKind::UNREACHABLE, Reason::CONFIG_UNUSABLE, "HostKeyAlgorithms names none that is supported");
  }
  if (auto chosen = chooseAlgorithms(session, algorithms, join(*hostKeys)); !chosen) co_return fail(chosen.error());

  session.limitInput(kHandshakeBytes);
  co_await session.run([&session, greeted = false]() mutable { return sayHello(session, greeted); });
  co_return {};
}

Task<Expected<Trustworthiness>> handshake(Session& session, HostKeyJudge& judge, std::string address) {
  ssize_t code = co_await session.run([&session]() { return takeHandshakeFurther(session); });
  if (code != 0) co_return fail(handshakeError(session));
  session.unlimitInput();

  size_t length = 0;
  const char* key = libssh2_session_hostkey(session.raw(), &length, nullptr);
  if (key == nullptr) co_return fail(unreachable(session, Reason::HANDSHAKE_FAILED));
  co_return co_await judge.judge(std::string(key, length), address);
}

}  // namespace cbs::ssh
