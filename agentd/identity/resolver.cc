#include "agentd/identity/resolver.h"

#include "agentd/identity/identity_server.h"
#include "agentd/identity/resolved_host.h"

#include <algorithm>

namespace cbs::identity {
namespace {

constexpr size_t kMaxRemembered = 50'000;
constexpr size_t kMostHops = 16;  // jump hosts on the way to a host

// Refuses what would be silently left out otherwise.
Expected<HostConfig> supported(HostConfig config) {
  if (config.unsupported.empty()) return config;
  return fail(ErrorKind::UNREACHABLE, Reason::CONFIG_UNUSABLE,
              "ssh_config sets " + config.unsupported.front() + " for " + config.alias + ", which is not supported");
}

tl::unexpected<Error> circle(const std::string& target) {
  return fail(ErrorKind::UNREACHABLE, Reason::CONFIG_UNUSABLE, "ProxyJump leads in a circle, via " + target);
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
      sources_(settings.configFile),
      query_(loop, settings.ssh, sources_.ownFile()),
      keys_(std::make_shared<KeyStore>(loop, settings.privateAgent)),
      trustFiles_(std::make_shared<TrustFiles>(loop)) {}

Task<Expected<std::shared_ptr<const Resolved>>> Resolver::resolve(std::string target, CallerContext caller) {
  auto ssh = caller.ssh;
  return resolveHop({.target = std::move(target), .ssh = std::move(ssh)}, std::move(caller));
}

Task<Expected<Resolver::Answer>> Resolver::resolveHop(Hop hop, CallerContext caller) {
  auto key = hop.target + '\0' + hop.proxyJump + '\0' + caller.authSock + '\0' + hop.ssh.key();
  auto generation = sources_.generation(hop.ssh.configFile, loop_.timer.now());
  auto known = remembered_.find(key);
  if (known != remembered_.end() && known->second.generation == generation) co_return known->second.answer;

  auto standard = co_await defaults();
  if (!standard) co_return fail(standard.error());
  auto config = co_await configOf(hop);
  if (!config) co_return fail(config.error());
  auto way = co_await wayTo(*config, hop, caller);
  if (!way) co_return fail(way.error());

  auto keySettings = keySettingsOf(*config, *standard, caller);
  auto trustSettings = trustSettingsOf(*config);
  std::vector<std::string> jumpKeys;
  for (const auto& jump : *way) jumpKeys.emplace_back(jump->host().getPoolKey().cStr());
  capnp::MallocMessageBuilder draft;
  auto host = draft.initRoot<schema::ResolvedHost>();
  describe(*config, *standard, hop.target, host);
  auto poolKey = poolKeyOf(*config, host.asReader(), keySettings, trustSettings, jumpKeys);
  host.setPoolKey(poolKey.c_str());
  auto login = std::make_shared<const LoginSettings>(loginSettingsOf(*config, std::move(keySettings), poolKey));
  auto identities = [store = keys_, login](Asker asker) {
    return schema::Identity::Client(kj::heap<IdentityServer>(store, login, std::move(asker)));
  };
  auto answer = std::make_shared<const Resolved>(fitted(host.asReader()), std::move(identities),
                                                 kj::heap<TrustServer>(trustFiles_, std::move(trustSettings)),
                                                 std::move(*way), *config);
  bool keeps = !namesCallersVariable(config->identityAgent) && hop.ssh.areShort();
  if (keeps) remember(key, generation, answer);
  co_return answer;
}

// Callers who ask at the same time share the answer of ssh; not the way, as two hosts that are each on the way to the
// other would wait for each other.
Task<Expected<HostConfig>> Resolver::configOf(Hop hop) {
  auto generation = sources_.generation(hop.ssh.configFile, loop_.timer.now());
  auto key = std::to_string(generation) + '\0' + hop.target + '\0' + hop.ssh.key();
  auto config = co_await asking_.join(key, [this, hop]() { return ask(hop); });
  if (!config) co_return fail(config.error());
  if (!hop.proxyJump.empty()) {
    config->proxyJump = hop.proxyJump;
    config->proxyCommand.clear();
  }
  co_return supported(std::move(*config));
}

Task<Expected<HostConfig>> Resolver::ask(Hop hop) {
  auto parsed = core::parseTarget(hop.target);
  if (!parsed) co_return fail(parsed.error());
  auto generation = std::to_string(sources_.generation(hop.ssh.configFile, loop_.timer.now()));
  auto kin = sources_.kin(hop.ssh.configFile).of(parsed->host);
  if (!hop.ssh.treatHostsAlike()) kin.reset();
  if (kin) kin = generation + '\0' + *kin + '\0' + hop.ssh.key();
  co_return co_await query_.ask(std::move(*parsed), std::move(hop.ssh), std::move(kin));
}

// Of `a,b,c` the last is the one that connects to the host; it is reached through the others. A single one may have a
// ProxyJump of its own.
Task<Expected<Resolved::Way>> Resolver::wayTo(HostConfig config, Hop hop, CallerContext caller) {
  Resolved::Way way;
  if (config.proxyJump.empty()) co_return way;
  auto comma = config.proxyJump.rfind(',');
  bool several = comma != std::string::npos;
  Hop last{.target = several ? config.proxyJump.substr(comma + 1) : config.proxyJump,
           .proxyJump = several ? config.proxyJump.substr(0, comma) : "",
           .beyond = std::move(hop.beyond),
           .ssh = {.configFile = hop.ssh.configFile}};
  last.beyond.push_back(hop.target);
  bool seen = std::find(last.beyond.begin(), last.beyond.end(), last.target) != last.beyond.end();
  if (!several && seen) co_return circle(last.target);
  if (last.beyond.size() > kMostHops) co_return circle(last.target);

  auto answer = co_await resolveHop(std::move(last), std::move(caller));
  if (!answer) co_return fail(answer.error());
  way = (*answer)->jumps();
  way.push_back(std::move(*answer));
  co_return way;
}

Task<Expected<std::vector<ConfigSetting>>> Resolver::settings(std::string target) {
  auto parsed = core::parseTarget(target);
  if (!parsed) co_return fail(parsed.error());
  co_return co_await explainConfig(query_, std::move(*parsed));
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
