#include "agentd/identity/key_ring.h"

#include "agentd/core/patterns.h"
#include "agentd/identity/certificate_key.h"
#include "agentd/identity/private_key_file.h"
#include "agentd/identity/public_key.h"
#include "common/read_file.h"

#include <algorithm>

namespace cbs::identity {
namespace {

constexpr size_t kMaxKeyFile = size_t{64} * 1024;

std::string joined(const std::vector<std::string>& words) {
  std::string list;
  for (const auto& word : words) list += (list.empty() ? "" : ", ") + word;
  return list;
}

// The certificate that ssh looks for beside a key file.
std::string certificateBeside(const std::string& file) {
  constexpr std::string_view kPublic = ".pub";
  auto stem = file.ends_with(kPublic) ? file.substr(0, file.size() - kPublic.size()) : file;
  return stem + "-cert.pub";
}

// The signature algorithms that a key of this type can make.
std::vector<std::string_view> algorithmsOf(std::string_view type) {
  if (type == "ssh-rsa") return {"rsa-sha2-512", "rsa-sha2-256"};
  if (type == "ssh-rsa-cert-v01@openssh.com")
    return {"rsa-sha2-512-cert-v01@openssh.com", "rsa-sha2-256-cert-v01@openssh.com"};
  return {type};
}

}  // namespace

// What is known while the keys are gathered.
struct KeyRing::Search {
  std::vector<AgentKey> agentKeys;    // all that the user's agent has
  std::vector<HeldKey> files;         // keys and certificates of the files, in their order, whoever holds them
  std::vector<HeldKey> certificates;  // that were asked for
  std::vector<std::string> missing;
  std::optional<Error> agentProblem;
  std::optional<Error> fileProblem;

  bool inAgent(std::string_view blob) const {
    return std::any_of(agentKeys.begin(), agentKeys.end(), [&](const AgentKey& key) { return key.blob == blob; });
  }
  const HeldKey* fileOf(std::string_view blob) const {
    auto found = std::find_if(files.begin(), files.end(), [&](const HeldKey& held) { return held.key.blob == blob; });
    return found == files.end() ? nullptr : &*found;
  }
};

Task<KeyRing::Gathered> KeyRing::gather() {
  Search search;
  if (userAgent_) {
    auto listed = co_await userAgent_->list();
    if (!listed) search.agentProblem = std::move(listed.error());
    search.agentKeys = std::move(listed).value_or(std::vector<AgentKey>());
  }
  for (const auto& file : settings_->identityFiles) {
    co_await addFile(search, file);
    if (settings_->certificateFiles.empty()) addCertificate(search, certificateBeside(file), false);
  }
  for (const auto& file : settings_->certificateFiles) addCertificate(search, file, true);

  Gathered gathered{inOrder(search), search.fileProblem};
  if (gathered.keys.empty()) gathered.problem = noKeys(search);
  co_return gathered;
}

// The user's agent has the key, or the private one will.
Task<void> KeyRing::addFile(Search& search, std::string file) {
  bool missing = stampOf(file) == FileStamp{};
  auto hint = KeyFiles::publicPart(file);
  if (missing && !hint) search.missing.push_back(file);
  if (hint && search.inAgent(*hint)) {
    if (search.fileOf(*hint) == nullptr) search.files.push_back({{*hint, file}, *hint, userAgent_, ""});
    co_return;
  }
  if (missing && hint) search.missing.push_back(file);
  if (missing || file.ends_with(".pub")) co_return;  // names a key of the agent's, which has it not

  auto blob = co_await store_->files.publicKey(file);
  if (!blob) {
    if (!search.fileProblem) search.fileProblem = std::move(blob.error());
    co_return;
  }
  if (search.fileOf(*blob) == nullptr) co_await hold(search, std::move(file), std::move(*blob));
}

// A key that needs a passphrase is only added when the server has accepted it: before, nobody need be asked.
Task<void> KeyRing::hold(Search& search, std::string file, std::string blob) {
  if (search.inAgent(blob)) {
    search.files.push_back({{blob, file}, blob, userAgent_, ""});
    co_return;
  }
  auto text = readFile(file, kMaxKeyFile);
  bool locked = text && isEncrypted(*text);
  if (text) wipe(*text);
  if (!locked) {
    auto held = co_await store_->privateAgent.ensure(file, blob, nullptr);
    if (!held && !search.fileProblem) search.fileProblem = std::move(held.error());
    if (!held) co_return;
  }
  search.files.push_back({{blob, file}, blob, store_->privateAgent.client(), locked ? file : ""});
}

// A certificate is of use if the key that it is about is there.
void KeyRing::addCertificate(Search& search, const std::string& path, bool askedFor) const {
  auto text = readFile(path, kMaxKeyFile);
  auto blob = text ? parsePublicKeyFile(*text) : std::nullopt;
  auto plain = blob ? plainKeyOf(*blob) : std::nullopt;
  auto& list = askedFor ? search.certificates : search.files;
  if (plain && search.inAgent(*plain)) {
    list.push_back({{*blob, path}, *plain, userAgent_, ""});
  } else if (plain && search.fileOf(*plain) != nullptr) {
    HeldKey key = *search.fileOf(*plain);
    list.push_back({{*blob, path}, *plain, key.holder, key.file});
  } else if (blob && search.inAgent(*blob)) {
    list.push_back({{*blob, path}, *blob, userAgent_, ""});
  } else if (askedFor && !search.fileProblem) {
    auto why = !text ? text.error().detail : !plain ? "it is no certificate" : "the key that it is about is not there";
    search.fileProblem =
        Error{ErrorKind::AUTH_REFUSED, Reason::KEY_UNUSABLE, "certificate " + path + ": " + why}.with("file", path);
  }
}

bool KeyRing::accepts(std::string_view blob) const {
  if (rsaBitsOf(plainKeyOf(blob).value_or(std::string(blob))).value_or(SIZE_MAX) < settings_->requiredRsaBits)
    return false;
  if (settings_->acceptedAlgorithms.empty()) return keyFieldsOf(plainTypeOf(keyTypeOf(blob))) > 0;
  auto can = algorithmsOf(keyTypeOf(blob));
  auto accepted = core::splitCommas(settings_->acceptedAlgorithms);
  return std::any_of(can.begin(), can.end(), [&](std::string_view algorithm) {
    return std::find(accepted.begin(), accepted.end(), algorithm) != accepted.end();
  });
}

// As ssh has it (pubkey_prepare in its sshconnect2.c).
std::vector<HeldKey> KeyRing::inOrder(const Search& search) const {
  std::vector<HeldKey> keys, others;
  auto offer = [this](std::vector<HeldKey>& list, const HeldKey& held) {
    bool there =
        std::any_of(list.begin(), list.end(), [&](const HeldKey& each) { return each.key.blob == held.key.blob; });
    if (!there && accepts(held.key.blob)) list.push_back(held);
  };
  for (const auto& certificate : search.certificates) offer(keys, certificate);
  for (const auto& key : search.agentKeys) {
    if (const auto* file = search.fileOf(key.blob)) {
      offer(keys, *file);
    } else if (!settings_->identitiesOnly) {
      offer(others, {key, key.blob, userAgent_, ""});
    }
  }
  for (const auto& key : others) offer(keys, key);
  for (const auto& file : search.files) offer(keys, file);
  return keys;
}

// The most telling reason there is.
Error KeyRing::noKeys(const Search& search) const {
  if (search.fileProblem) return *search.fileProblem;
  bool namedFileIsMissing = !search.missing.empty() && !settings_->filesAreDefault;
  if (namedFileIsMissing) {
    return Error{ErrorKind::AUTH_REFUSED, Reason::KEY_UNUSABLE, "no such key file: " + joined(search.missing)}.with(
        "file", search.missing.front());
  }
  if (search.agentProblem) return *search.agentProblem;
  std::string agent = settings_->agentSocket.empty()
                          ? "there is no ssh-agent (SSH_AUTH_SOCK is not set)"
                          : "the ssh-agent at " + settings_->agentSocket + " has no key for it";
  return {ErrorKind::AUTH_REFUSED, Reason::NO_KEY, agent + ", and no key file of " + joined(settings_->identityFiles)};
}

Task<Expected<std::string>> KeyRing::sign(HeldKey key, std::string data, std::string algorithm, Asker asker) {
  if (!key.file.empty()) {
    auto passphrases = std::make_shared<const Passphrases>(Passphrases{std::move(asker), settings_->prompts});
    auto held = co_await store_->privateAgent.ensure(key.file, key.signer, std::move(passphrases));
    if (!held) co_return fail(std::move(held.error()));
  }
  co_return co_await key.holder->sign(key.signer, std::move(data), plainTypeOf(algorithm));
}

}  // namespace cbs::identity
