#include "agentd/identity/key_ring.h"

#include "agentd/identity/public_key.h"

#include <algorithm>

namespace cbs::identity {
namespace {

bool isCertificate(const AgentKey& key) { return keyTypeOf(key.blob).find("-cert-v01@") != std::string_view::npos; }

const AgentKey* find(const std::vector<AgentKey>& keys, std::string_view blob) {
  auto found = std::find_if(keys.begin(), keys.end(), [&](const AgentKey& key) { return key.blob == blob; });
  return found == keys.end() ? nullptr : &*found;
}

std::string joined(const std::vector<std::string>& words) {
  std::string list;
  for (const auto& word : words) list += (list.empty() ? "" : ", ") + word;
  return list;
}

}  // namespace

// What is known while the keys are gathered.
struct KeyRing::Search {
  std::vector<AgentKey> agentKeys;  // all that the user's agent has
  std::vector<AgentKey> preferred;  // those of them that a key file names
  std::vector<AgentKey> fromFiles;  // in the private agent
  std::vector<std::string> missing;
  std::optional<Error> agentProblem;
  std::optional<Error> fileProblem;

  bool prefer(std::string_view blob, const std::string& file) {
    if (find(agentKeys, blob) == nullptr) return false;
    if (find(preferred, blob) == nullptr) preferred.push_back({std::string(blob), file});
    return true;
  }
};

Task<KeyRing::Gathered> KeyRing::gather() {
  Search search;
  if (userAgent_) {
    auto listed = co_await userAgent_->list();
    if (!listed) search.agentProblem = std::move(listed.error());
    search.agentKeys = std::move(listed).value_or(std::vector<AgentKey>());
  }
  // A certificate needs more than its blob to log in with.
  std::erase_if(search.agentKeys, isCertificate);
  for (const auto& file : settings_.identityFiles) co_await addFile(search, file);

  Gathered gathered;
  for (auto& key : search.preferred) gathered.keys.push_back({key, userAgent_});
  for (auto& key : search.agentKeys) {
    if (!settings_.identitiesOnly && !find(search.preferred, key.blob)) gathered.keys.push_back({key, userAgent_});
  }
  for (auto& key : search.fromFiles) gathered.keys.push_back({key, store_->privateAgent.client()});
  gathered.problem = search.fileProblem;
  if (!gathered.problem && !settings_.certificateFiles.empty()) gathered.problem = certificatesUnsupported();
  if (gathered.keys.empty()) gathered.problem = noKeys(search);
  co_return gathered;
}

Task<void> KeyRing::addFile(Search& search, std::string file) {
  auto hint = KeyFiles::publicPart(file);
  if (hint && search.prefer(*hint, file)) co_return;
  if (stampOf(file) == FileStamp{}) {
    search.missing.push_back(file);
    co_return;
  }
  if (file.ends_with(".pub")) co_return;  // names a key of the agent's, which has it not

  auto blob = co_await store_->files.publicKey(file);
  if (blob && search.prefer(*blob, file)) co_return;
  Expected<void> held;
  if (blob) held = co_await store_->privateAgent.ensure(file, *blob);
  if (blob && held) {
    if (!find(search.fromFiles, *blob)) search.fromFiles.push_back({*blob, file});
  } else if (!search.fileProblem) {
    search.fileProblem = blob ? held.error() : blob.error();
  }
}

Error KeyRing::certificatesUnsupported() const {
  return {
      ErrorKind::AUTH_REFUSED, Reason::KEY_UNUSABLE,
      "CertificateFile " + joined(settings_.certificateFiles) + " is not supported yet: only plain keys are offered"};
}

// The most telling reason there is.
Error KeyRing::noKeys(const Search& search) const {
  if (search.fileProblem) return *search.fileProblem;
  bool namedFileIsMissing = !search.missing.empty() && !settings_.filesAreDefault;
  if (namedFileIsMissing) {
    return Error{ErrorKind::AUTH_REFUSED, Reason::KEY_UNUSABLE, "no such key file: " + joined(search.missing)}.with(
        "file", search.missing.front());
  }
  if (search.agentProblem) return *search.agentProblem;
  std::string agent = settings_.agentSocket.empty()
                          ? "there is no ssh-agent (SSH_AUTH_SOCK is not set)"
                          : "the ssh-agent at " + settings_.agentSocket + " has no key for it";
  return {ErrorKind::AUTH_REFUSED, Reason::NO_KEY, agent + ", and no key file of " + joined(settings_.identityFiles)};
}

}  // namespace cbs::identity
