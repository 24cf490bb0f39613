#include "agentd/identity/revoked_keys.h"

#include "agentd/identity/certificate_key.h"
#include "agentd/identity/complaint.h"
#include "agentd/identity/host_certificate.h"
#include "agentd/identity/public_key.h"
#include "agentd/identity/words.h"
#include "common/offload.h"
#include "common/read_file.h"

#include <algorithm>

namespace cbs::identity {
namespace {

constexpr size_t kMaxAnswers = 10'000;
constexpr size_t kMaxFile = 64 << 20;
constexpr std::string_view kKrlMagic("SSHKRL\n\0", 8);  // PROTOCOL.krl in OpenSSH's source
constexpr std::string_view kRevoked = ": REVOKED";

tl::unexpected<Error> unreadable(const std::string& file, const std::string& why) {
  return fail(Error{ErrorKind::HOST_KEY_REFUSED, Reason::HOST_KEY_REVOKED,
                    "RevokedHostKeys cannot be read, so no key is accepted: " + file + ": " + why}
                  .with("unreadableList", file));
}

// The plain keys that a key or certificate hangs on: the first is its own. None if it is broken.
std::vector<std::string> keysBehind(std::string_view blob) {
  if (!isCertificateType(keyTypeOf(blob))) return {std::string(blob)};
  auto certificate = parseHostCertificate(blob);
  if (!certificate) return {};
  return {certificate->plainKey, certificate->authority};
}

std::string keyLine(const std::string& blob) { return std::string(keyTypeOf(blob)) + " " + encodeBase64(blob) + "\n"; }

}  // namespace

Expected<bool> listRevokes(std::string_view list, std::string_view blob) {
  auto shown = keysBehind(blob);
  while (!list.empty()) {
    auto line = list.substr(0, list.find('\n'));
    list.remove_prefix(std::min(list.size(), line.size() + 1));
    auto type = takeWord(line);
    if (type.empty() || type.starts_with('#')) continue;
    auto key = parsePublicKey(type, takeWord(line));
    auto listed = key ? keysBehind(*key) : std::vector<std::string>();
    if (listed.empty()) return fail(ErrorKind::INTERNAL, Reason::LOCAL_IO, "it has a line that is no public key");
    if (std::find(shown.begin(), shown.end(), listed.front()) != shown.end()) return true;
  }
  return false;
}

Task<Expected<std::string>> RevokedKeys::revokedBy(std::vector<std::string> files, std::string blob) {
  for (const auto& file : files) {
    auto revoked = co_await revokes(file, blob);
    if (!revoked && revoked.error().kind == ErrorKind::OVERLOADED) co_return fail(std::move(revoked.error()));
    if (!revoked) co_return unreadable(file, revoked.error().detail);
    if (*revoked) co_return file;
  }
  co_return std::string();
}

Task<Expected<bool>> RevokedKeys::revokes(std::string file, std::string blob) {
  auto key = file + '\0' + blob;
  auto stamp = stampOf(file);  // taken before the file is read: a change in between shows at the next look
  auto known = known_.find(key);
  if (known != known_.end() && known->second.stamp == stamp) co_return known->second.revoked;
  auto revoked = co_await ask(file, blob);
  if (!revoked) co_return revoked;
  if (known_.size() >= kMaxAnswers) known_.clear();
  known_.insert_or_assign(key, Answer{stamp, *revoked});
  co_return revoked;
}

Task<Expected<bool>> RevokedKeys::ask(std::string file, std::string blob) {
  auto pass = co_await turnstile_.enter();
  auto text = co_await offloadFor<Expected<std::string>>(loop_, [file]() { return readFile(file, kMaxFile); });
  if (!text) co_return fail(std::move(text.error()));
  if (std::string_view(*text).starts_with(kKrlMagic)) co_return co_await askKeygen(std::move(file), std::move(blob));
  co_return co_await offloadFor<Expected<bool>>(
      loop_, [text = std::move(*text), blob = std::move(blob)]() { return listRevokes(text, blob); });
}

// ssh-keygen exits with 1 for a key that is revoked, and with another status when it cannot tell.
Task<Expected<bool>> RevokedKeys::askKeygen(std::string file, std::string blob) {
  auto result =
      co_await runSubprocess(loop_, {.argv = {"ssh-keygen", "-Q", "-f", file, "/dev/stdin"}, .input = keyLine(blob)});
  if (!result) co_return fail(std::move(result.error()));
  if (result->status == 0) co_return false;
  if (result->out.find(kRevoked) != std::string::npos) co_return true;
  co_return fail(ErrorKind::INTERNAL, Reason::LOCAL_IO, complaintOf(*result, "ssh-keygen"));
}

}  // namespace cbs::identity
