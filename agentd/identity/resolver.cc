#include "agentd/identity/resolver.h"

#include "agentd/identity/identity_server.h"
#include "agentd/identity/path_tokens.h"
#include "agentd/identity/resolved_host.h"
#include "agentd/identity/trust_server.h"

namespace cbs::identity {
namespace {

constexpr size_t kMaxRemembered = 50'000;
constexpr auto kUserConfig = "~/.ssh/config";

std::vector<ConfigFiles::Root> rootsOf(const std::string& configFile) {
  auto userFolder = homeFolder() + "/.ssh";
  if (configFile == "none") return {};
  if (!configFile.empty()) return {{expandTilde(configFile), userFolder}};
  return {{userFolder + "/config", userFolder}, {"/etc/ssh/ssh_config", "/etc/ssh"}};
}

// In ConfigQuery's terms: "" for ssh's own choice.
std::string queriedFile(const std::string& configFile) {
  return configFile == kUserConfig || configFile == homeFolder() + "/.ssh/config" ? "" : expandTilde(configFile);
}

// Refuses what would be silently left out otherwise.
Expected<HostConfig> supported(HostConfig config) {
  for (auto& [name, value] : {std::pair{"ProxyJump", config.proxyJump}, {"ProxyCommand", config.proxyCommand}}) {
    if (value.empty()) continue;
    return fail(
        ErrorKind::UNREACHABLE, Reason::CONFIG_UNUSABLE,
        "ssh_config sets " + std::string(name) + " " + value + " for " + config.alias + ", which is not supported yet");
  }
  return config;
}

// A message that takes no more than it needs: many are kept, and a draft has 8 KiB.
kj::Own<capnp::MessageBuilder> fitted(schema::ResolvedHost::Reader host) {
  auto words = static_cast<unsigned>(host.totalSize().wordCount) + 1;
  auto message = kj::heap<capnp::MallocMessageBuilder>(words, capnp::AllocationStrategy::FIXED_SIZE);
  message->setRoot(host);
  return message;
}

}  // namespace

Resolver::Resolver(Loop loop, Settings settings)
    : loop_(loop),
      files_(rootsOf(queriedFile(settings.configFile))),
      query_(loop, settings.ssh, queriedFile(settings.configFile)),
      keys_(std::make_shared<KeyStore>(loop, settings.privateAgentDir)),
      known_(std::make_shared<KnownHosts>(loop)) {}

Task<Expected<std::shared_ptr<const Resolved>>> Resolver::resolve(std::string target, CallerContext caller) {
  auto key = target + '\0' + caller.authSock;
  auto generation = files_.generation(loop_.timer.now());
  auto known = remembered_.find(key);
  if (known != remembered_.end() && known->second.generation == generation) co_return known->second.answer;

  auto answer = co_await lookingUp_.join(std::to_string(generation) + '\0' + key,
                                         [this, target, caller]() { return lookUp(target, caller); });
  if (answer) remember(key, generation, *answer);
  co_return answer;
}

Task<Expected<std::shared_ptr<const Resolved>>> Resolver::lookUp(std::string target, CallerContext caller) {
  auto parsed = core::parseTarget(target);
  if (!parsed) co_return fail(parsed.error());
  auto standard = co_await defaults();
  if (!standard) co_return fail(standard.error());
  auto kin = files_.kin().of(parsed->host);
  if (kin) kin = std::to_string(files_.generation(loop_.timer.now())) + '\0' + *kin;
  auto asked = co_await query_.ask(std::move(*parsed), std::move(kin));
  if (!asked) co_return fail(asked.error());
  auto config = supported(std::move(*asked));
  if (!config) co_return fail(config.error());

  auto keySettings = keySettingsOf(*config, *standard, caller.authSock);
  auto trustSettings = trustSettingsOf(*config);
  capnp::MallocMessageBuilder draft;
  auto host = draft.initRoot<schema::ResolvedHost>();
  describe(*config, *standard, target, host);
  host.setPoolKey(poolKeyOf(host.asReader(), keySettings, trustSettings).c_str());
  co_return std::make_shared<const Resolved>(fitted(host.asReader()),
                                             kj::heap<IdentityServer>(keys_, std::move(keySettings)),
                                             kj::heap<TrustServer>(known_, std::move(trustSettings)));
}

Task<Expected<HostConfig>> Resolver::defaults() {
  if (defaults_) co_return *defaults_;
  auto asked = co_await askingDefaults_.join("", [this]() { return query_.askDefaults(); });
  if (asked) defaults_ = *asked;
  co_return asked;
}

void Resolver::remember(const std::string& key, uint64_t generation, Answer answer) {
  auto [place, isNew] = remembered_.insert_or_assign(key, Remembered{generation, std::move(answer)});
  if (!isNew) return;
  oldest_.push_back(key);
  if (oldest_.size() <= kMaxRemembered) return;
  remembered_.erase(oldest_.front());
  oldest_.pop_front();
}

}  // namespace cbs::identity
