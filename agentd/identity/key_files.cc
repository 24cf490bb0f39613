#include "agentd/identity/key_files.h"

#include "agentd/identity/complaint.h"
#include "agentd/identity/private_key_file.h"
#include "agentd/identity/public_key.h"
#include "common/read_file.h"
#include "common/secret.h"

namespace cbs::identity {
namespace {

constexpr size_t kMaxKnown = 10'000;
constexpr size_t kMaxPrivateFile = size_t{64} * 1024;
constexpr size_t kMaxPublicFile = 64 * 1024;

tl::unexpected<Error> unusable(const std::string& file, const std::string& detail) {
  return fail(
      Error{ErrorKind::AUTH_REFUSED, Reason::KEY_UNUSABLE, "key file " + file + ": " + detail}.with("file", file));
}

bool complainsOfPassphrase(const SubprocessResult& result) {
  return result.err.find("passphrase") != std::string::npos;
}

}  // namespace

std::optional<std::string> KeyFiles::publicPart(const std::string& file) {
  auto text = readFile(file.ends_with(".pub") ? file : file + ".pub", kMaxPublicFile);
  return text ? parsePublicKeyFile(*text) : std::nullopt;
}

Task<Expected<std::string>> KeyFiles::publicKey(std::string file) {
  auto known = known_.find(file);
  if (known != known_.end() && known->second.stamp == stampOf(file)) co_return known->second.blob;
  co_return co_await asking_.join(file, [this, file]() { return ask(file); });
}

Task<Expected<std::string>> KeyFiles::ask(std::string file) {
  auto stamp = stampOf(file);
  auto blob = co_await derive(file);
  if (known_.size() >= kMaxKnown) known_.clear();
  known_.insert_or_assign(file, Known{stamp, blob});
  co_return blob;
}

Task<Expected<std::string>> KeyFiles::derive(std::string file) {
  if (stampOf(file).size == 0) co_return unusable(file, "it is empty");
  auto text = readFile(file, kMaxPrivateFile);
  auto inTheClear = text ? publicKeyIn(*text) : std::nullopt;
  if (text) wipe(*text);
  if (inTheClear) co_return std::move(*inTheClear);
  auto pass = co_await turnstile_.enter();
  // The empty passphrase of -P is that of a key without one: ssh-keygen does not ask then.
  auto result = co_await runSubprocess(loop_, {.argv = {"ssh-keygen", "-y", "-P", "", "-f", file}});
  if (!result && result.error().kind == ErrorKind::OVERLOADED) co_return fail(std::move(result.error()));
  if (!result) co_return unusable(file, result.error().detail);
  if (result->status != 0 && complainsOfPassphrase(*result)) {
    co_return unusable(file, "it is encrypted: add it to your ssh-agent with ssh-add " + file);
  }
  if (result->status != 0) co_return unusable(file, complaintOf(*result, "ssh-keygen"));
  auto blob = parsePublicKeyFile(result->out);
  if (!blob) co_return unusable(file, "ssh-keygen printed no public key for it");
  co_return std::move(*blob);
}

}  // namespace cbs::identity
