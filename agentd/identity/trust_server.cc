#include "agentd/identity/trust_server.h"

#include "agentd/identity/public_key.h"

namespace cbs::identity {
namespace {

Error refusal(Reason reason, const std::string& blob, std::string detail) {
  return Error{ErrorKind::HOST_KEY_REFUSED, reason, std::move(detail)}
      .with("fingerprint", fingerprintOf(blob))
      .with("keyType", std::string(keyTypeOf(blob)));
}

std::string placeOf(const Judgement& judgement) { return judgement.file + " line " + std::to_string(judgement.line); }

Error changed(const std::string& name, const std::string& blob, const Judgement& judgement) {
  auto expected = fingerprintOf(judgement.expectedBlob);
  auto detail = "host key of " + name + " changed: it is " + fingerprintOf(blob) + ", expected " + expected + " (" +
                placeOf(judgement) + "). If the host has a new key, ssh-keygen -R '" + name + "' forgets the old one";
  return refusal(Reason::HOST_KEY_CHANGED, blob, std::move(detail))
      .with("knownAs", name)
      .with("expectedFingerprint", expected)
      .with("file", judgement.file)
      .with("line", std::to_string(judgement.line));
}

Error revoked(const std::string& name, const std::string& blob, const Judgement& judgement) {
  return refusal(Reason::HOST_KEY_REVOKED, blob, "host key of " + name + " is revoked (" + placeOf(judgement) + ")")
      .with("file", judgement.file)
      .with("line", std::to_string(judgement.line));
}

Error unknown(const std::string& name, const std::string& blob) {
  auto detail = "host key of " + name + " is not known: it is " + fingerprintOf(blob) +
                ". Log in once with ssh to confirm it, or set StrictHostKeyChecking accept-new for the host";
  return refusal(Reason::HOST_KEY_UNKNOWN, blob, std::move(detail));
}

}  // namespace

TrustSettings trustSettingsOf(const HostConfig& config) {
  TrustSettings settings{.userFiles = config.userKnownHostsFiles,
                         .globalFiles = config.globalKnownHostsFiles,
                         .strict = config.strictHostKeyChecking,
                         .hashNames = config.hashKnownHosts,
                         .algorithms = config.hostKeyAlgorithms};
  if (config.hostKeyAlias.empty()) {
    settings.name = knownHostsName(config.hostName, config.port);
    if (config.port != 22) settings.nameWithoutPort = knownHostsName(config.hostName, 22);
  } else {
    settings.name = knownHostsName(config.hostKeyAlias, 22);
  }
  return settings;
}

Task<Expected<std::vector<NamedKnownHosts>>> TrustServer::files() {
  auto paths = settings_.userFiles;
  paths.insert(paths.end(), settings_.globalFiles.begin(), settings_.globalFiles.end());
  return known_->load(std::move(paths));
}

Task<void> TrustServer::giveAlgorithms(AlgorithmsContext context) {
  auto results = context.getResults();
  auto known = co_await files();
  if (!known) co_return encode(known.error(), results.initError());
  auto types = co_await known_->knownTypes(*known, settings_.name);
  if (types.empty() && !settings_.nameWithoutPort.empty()) {
    types = co_await known_->knownTypes(*known, settings_.nameWithoutPort);
  }
  auto offered = offeredAlgorithms(types, settings_.algorithms);
  results.setKnown(!types.empty());
  auto list = results.initAlgorithms(static_cast<unsigned>(offered.size()));
  for (unsigned i = 0; i < list.size(); ++i) list.set(i, offered[i].c_str());
  if (offered.empty()) {
    encode({ErrorKind::UNREACHABLE, Reason::CONFIG_UNUSABLE,
            "HostKeyAlgorithms of " + settings_.name + " names none that is supported: " + settings_.algorithms},
           results.initError());
  }
}

Task<void> TrustServer::giveJudgement(JudgeContext context) {
  auto key = context.getParams().getKey().asChars();
  auto judged = co_await judgeKey({key.begin(), key.size()});
  auto results = context.getResults();
  if (!judged) encode(judged.error(), results.initError());
}

Task<Expected<void>> TrustServer::judgeKey(std::string blob) {
  auto known = co_await files();
  if (!known) co_return fail(std::move(known.error()));
  auto judgement = co_await known_->judge(*known, settings_.name, blob);
  switch (judgement.verdict) {
    case Verdict::TRUSTED:
      co_return Expected<void>{};
    case Verdict::CHANGED:
      co_return fail(changed(settings_.name, blob, judgement));
    case Verdict::REVOKED:
      co_return fail(revoked(settings_.name, blob, judgement));
    case Verdict::UNKNOWN:
      break;
  }
  if (!settings_.nameWithoutPort.empty()) {
    judgement = co_await known_->judge(*known, settings_.nameWithoutPort, blob);
    if (judgement.verdict == Verdict::TRUSTED) co_return Expected<void>{};
    if (judgement.verdict == Verdict::REVOKED) co_return fail(revoked(settings_.nameWithoutPort, blob, judgement));
  }
  co_return co_await judgeUnknown(std::move(blob));
}

Task<Expected<void>> TrustServer::judgeUnknown(std::string blob) {
  if (settings_.strict == HostConfig::Strict::YES) co_return fail(unknown(settings_.name, blob));
  // As ssh does, a key that cannot be noted down is trusted all the same: accept-new asks for no more than that it is
  // the first one.
  if (!settings_.userFiles.empty()) {
    std::ignore = co_await known_->append({settings_.userFiles.front(), settings_.name, blob, settings_.hashNames});
  }
  co_return Expected<void>{};
}

}  // namespace cbs::identity
