#include "agentd/identity/trust_server.h"

#include "agentd/identity/public_key.h"
#include "agentd/identity/refusal.h"

#include <algorithm>
#include <chrono>

namespace cbs::identity {
namespace {

constexpr size_t kLeastRsaBits = 1024;  // ssh takes no shorter ones, whatever RequiredRSASize says

std::string lowerCase(const std::string& name) { return knownHostsName(name, 22); }

// `address` is numeric, with a port. The networks are those of RFC 1122 §3.2.1.3 and RFC 4291 §2.5.3.
bool isLoopback(std::string_view address) { return address.starts_with("127.") || address.starts_with("[::1]:"); }

uint64_t secondsSince1970() {
  auto now = std::chrono::system_clock::now().time_since_epoch();
  return static_cast<uint64_t>(std::chrono::duration_cast<std::chrono::seconds>(now).count());
}

// Whether a new key has a file to be noted down in, and a name that stands for the host and it alone. If not, nobody
// would ever notice that the key is not the first one: ssh, too, refuses it then.
bool canBeNotedDown(const TrustSettings& settings) {
  bool plainName = settings.certificateName.find_first_of("@?*#[]|'\"\\,! \t\r\n") == std::string::npos;
  return plainName && !settings.userFiles.empty();
}

}  // namespace

TrustSettings trustSettingsOf(const HostConfig& config) {
  TrustSettings settings{.userFiles = config.userKnownHostsFiles,
                         .globalFiles = config.globalKnownHostsFiles,
                         .revokedHostKeys = config.revokedHostKeys,
                         .strict = config.strictHostKeyChecking,
                         .loopbackUnjudged = config.noHostAuthenticationForLocalhost && config.hostKeyAlias.empty(),
                         .hashNames = config.hashKnownHosts,
                         .requiredRsaBits = std::max<size_t>(config.requiredRsaSize, kLeastRsaBits),
                         .algorithms = config.hostKeyAlgorithms,
                         .caSignatureAlgorithms = config.caSignatureAlgorithms};
  if (config.hostKeyAlias.empty()) {
    settings.certificateName = lowerCase(config.hostName);
    settings.name = knownHostsName(config.hostName, config.port);
    if (config.port != 22) settings.nameWithoutPort = settings.certificateName;
  } else {
    settings.name = settings.certificateName = lowerCase(config.hostKeyAlias);
  }
  return settings;
}

Task<Expected<KnownHost>> TrustServer::known() {
  auto paths = settings_.userFiles;
  paths.insert(paths.end(), settings_.globalFiles.begin(), settings_.globalFiles.end());
  auto loaded = co_await files_->known.load(std::move(paths));
  if (!loaded) co_return fail(std::move(loaded.error()));
  KnownHost host;
  host.lines = co_await files_->known.find(*loaded, settings_.name);
  if (!settings_.nameWithoutPort.empty()) {
    host.linesWithoutPort = co_await files_->known.find(*loaded, settings_.nameWithoutPort);
  }
  co_return host;
}

Task<void> TrustServer::giveAlgorithms(AlgorithmsContext context) {
  auto results = context.getResults();
  auto host = co_await known();
  if (!host) co_return encode(host.error(), results.initError());
  auto offer = offerFor(*host, settings_.algorithms, !settings_.revokedHostKeys.empty());
  results.setKnown(static_cast<uint32_t>(offer.known));
  auto list = results.initAlgorithms(static_cast<unsigned>(offer.algorithms.size()));
  for (unsigned i = 0; i < list.size(); ++i) list.set(i, offer.algorithms[i].c_str());
  if (offer.algorithms.empty()) {
    encode({ErrorKind::UNREACHABLE, Reason::CONFIG_UNUSABLE,
            "HostKeyAlgorithms of " + settings_.name + " names none that is supported: " + settings_.algorithms},
           results.initError());
  }
}

Task<void> TrustServer::giveJudgement(JudgeContext context) {
  auto params = context.getParams();
  auto key = params.getKey().asChars();
  auto judged = co_await judgeKey({key.begin(), key.size()}, params.getAddress().cStr());
  auto results = context.getResults();
  if (judged) {
    results.setPublicKeyOnly(judged->publicKeyOnly);
  } else {
    encode(judged.error(), results.initError());
  }
}

Expected<void> TrustServer::checkLength(const std::string& blob) const {
  auto bits = rsaBitsOf(blob);
  if (!bits || *bits >= settings_.requiredRsaBits) return {};
  return fail(shortKey(settings_.name, blob, *bits, settings_.requiredRsaBits));
}

Task<Expected<void>> TrustServer::checkRevocation(std::string blob) {
  auto file = co_await files_->revoked.revokedBy(settings_.revokedHostKeys, blob);
  if (!file) co_return fail(std::move(file.error()));
  if (!file->empty()) co_return fail(revokedByFile(settings_.name, blob, *file));
  co_return Expected<void>{};
}

Task<Expected<TrustServer::Trustworthiness>> TrustServer::judgeKey(std::string blob, std::string address) {
  if (auto allowed = checkLength(blob); !allowed) co_return fail(std::move(allowed.error()));
  if (auto allowed = co_await checkRevocation(blob); !allowed) co_return fail(std::move(allowed.error()));
  if (settings_.loopbackUnjudged && isLoopback(address)) co_return Trustworthiness{};
  auto host = co_await known();
  if (!host) co_return fail(std::move(host.error()));
  CertificateTerms terms{settings_.certificateName, secondsSince1970(), settings_.caSignatureAlgorithms};
  auto judgement = identity::judge(*host, blob, terms, settings_.algorithms);
  switch (judgement.verdict) {
    case Verdict::TRUSTED:
      co_return Trustworthiness{};
    case Verdict::CHANGED:
      if (settings_.strict == HostConfig::Strict::OFF) co_return Trustworthiness{.publicKeyOnly = true};
      co_return fail(changedKey(settings_.name, judgement));
    case Verdict::REVOKED:
      co_return fail(revokedKey(settings_.name, judgement));
    case Verdict::UNUSABLE:
      co_return fail(unknownKey(settings_.name, judgement));
    case Verdict::UNKNOWN:
      break;
  }
  co_return co_await judgeUnknown(std::move(judgement));
}

Task<Expected<TrustServer::Trustworthiness>> TrustServer::judgeUnknown(Judgement judgement) {
  if (settings_.strict == HostConfig::Strict::YES || !canBeNotedDown(settings_)) {
    co_return fail(unknownKey(settings_.name, judgement));
  }
  // As ssh does, a key is trusted all the same if writing it down fails: accept-new asks for no more than that it is
  // the first one.
  std::ignore = co_await files_->known.append(
      {settings_.userFiles.front(), settings_.name, judgement.plainKey, settings_.hashNames});
  co_return Trustworthiness{};
}

}  // namespace cbs::identity
