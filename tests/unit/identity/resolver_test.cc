#include "agentd/identity/resolver.h"

#include "agentd/identity/resolved_host.h"

#include "tests/unit/identity/world.h"

#include <catch2/catch_test_macros.hpp>

#include <cstdlib>

namespace cbs::identity {
namespace {

using Answer = Expected<std::shared_ptr<const Resolved>>;

struct ResolverWorld : World {
  kj::TimerImpl timer{kj::origin<kj::TimePoint>()};

  // An `ssh` that counts how often it is run.
  std::string countingSsh() {
    return folder.write("ssh", "#!/bin/sh\necho >>'" + folder.path("runs") + "'\nexec ssh \"$@\"\n", 0700);
  }
  size_t runs() { return test::readFile(folder.path("runs")).size(); }

  Resolver::Settings settings(const std::string& config) {
    return {.configFile = config, .privateAgent = {.folder = folder.path("private")}};
  }
  Resolver configured(const std::string& text) { return Resolver(loop, settings(folder.write("config", text, 0644))); }
  Answer resolve(Resolver& resolver, const std::string& target, const std::string& authSock = "") {
    return wait(resolver.resolve(target, {authSock}));
  }
  Error faultOf(const std::string& config, const std::string& target) {
    auto resolver = configured(config);
    auto answer = resolve(resolver, target);
    return answer ? Error{.kind = ErrorKind::NONE, .detail = "resolved"} : answer.error();
  }
};

std::string text(capnp::Text::Reader reader) { return reader.cStr(); }
std::string text(capnp::Data::Reader reader) { return {reader.asChars().begin(), reader.size()}; }

TEST_CASE("a target is resolved as ssh resolves it") {
  ResolverWorld world;
  auto resolver = world.configured(
      "Host web\n HostName 10.1.2.3\n User bob\n Port 2200\n ConnectTimeout 7\n AddressFamily inet\n BindAddress "
      "127.0.0.1\n"
      " Ciphers aes128-ctr\n SetEnv A=1\n");
  auto answer = world.resolve(resolver, "web");
  REQUIRE(answer);
  auto host = (*answer)->host();
  CHECK(text(host.getAlias()) == "web");
  CHECK(text(host.getHostName()) == "10.1.2.3");
  CHECK(text(host.getUser()) == "bob");
  CHECK(host.getPort() == 2200);
  CHECK(host.getConnectTimeoutMs() == 7000);
  CHECK(host.getAddressFamily() == schema::ResolvedHost::AddressFamily::INET);
  CHECK(text(host.getBindAddress()) == "127.0.0.1");
  CHECK(text(host.getCiphers()) == "aes128-ctr");
  CHECK(text(host.getMacs()) == "");
  REQUIRE(host.getSetEnv().size() == 1);
  CHECK(text(host.getSetEnv()[0].getName()) == "A");

  auto overridden = world.resolve(resolver, "root@web:22");
  REQUIRE(overridden);
  CHECK(text((*overridden)->host().getUser()) == "root");
  CHECK((*overridden)->host().getPort() == 22);
}

TEST_CASE("without a configuration the engine's own algorithms apply") {
  ResolverWorld world;
  Resolver resolver(world.loop, world.settings("none"));
  auto answer = world.resolve(resolver, "me@[::1]:2222");
  REQUIRE(answer);
  auto host = (*answer)->host();
  CHECK(text(host.getHostName()) == "::1");
  CHECK(host.getPort() == 2222);
  CHECK(text(host.getCiphers()) + text(host.getMacs()) + text(host.getKexAlgorithms()) == "");
  CHECK(host.getConnectTimeoutMs() == 0);
}

TEST_CASE("SendEnv chooses of the caller's variables, and SetEnv is the host's own") {
  ResolverWorld world;
  auto resolver = world.configured("SendEnv CBS_TEST_* LANG\nSetEnv CBS_TEST_TWO=set\n");
  auto answer = world.resolve(resolver, "web");
  REQUIRE(answer);
  HostConfig::Variables all = {{"CBS_TEST_ONE", "1"}, {"PATH", "/bin"}, {"LANG", "C"}, {"XLANG", "x"}};
  CHECK(sentVariables((*answer)->sendEnv(), all) == HostConfig::Variables{{"CBS_TEST_ONE", "1"}, {"LANG", "C"}});
  CHECK(sentVariables({}, all).empty());
  auto set = (*answer)->host().getSetEnv();
  REQUIRE(set.size() == 1);
  CHECK(text(set[0].getName()) + "=" + text(set[0].getValue()) == "CBS_TEST_TWO=set");
}

TEST_CASE("a target that was seen costs no process until a file changes") {
  ResolverWorld world;
  auto included = world.folder.makeFolder("conf.d");
  auto config = world.folder.write("config", "Include " + included + "/*.conf\nHost web\n HostName one\n", 0644);
  auto settings = world.settings(config);
  settings.ssh = world.countingSsh();
  Resolver resolver({world.loop.port, world.timer, world.loop.io}, settings);
  auto hostName = [&]() { return text(world.resolve(resolver, "web").value()->host().getHostName()); };

  CHECK(hostName() == "one");
  auto first = world.resolve(resolver, "web").value();
  CHECK(world.runs() == 2);  // the other one asks for ssh's defaults
  CHECK(world.resolve(resolver, "web").value() == first);

  world.folder.write("conf.d/a.conf", "Host web\n HostName two\n", 0644);
  CHECK(hostName() == "one");  // within a second of the last look
  world.timer.advanceTo(world.timer.now() + 1 * kj::SECONDS);
  CHECK(hostName() == "two");
  world.folder.write("conf.d/a.conf", "Host web\n HostName three\n", 0644);
  world.timer.advanceTo(world.timer.now() + 1 * kj::SECONDS);
  CHECK(hostName() == "three");
  world.timer.advanceTo(world.timer.now() + 1 * kj::SECONDS);
  CHECK(hostName() == "three");
  CHECK(world.runs() == 4);
}

TEST_CASE("callers at the same time share one process") {
  ResolverWorld world;
  auto settings = world.settings("none");
  settings.ssh = world.countingSsh();
  Resolver resolver(world.loop, settings);
  std::vector<kj::Promise<Answer>> answers;
  for (int i = 0; i < 100; ++i) answers.push_back(resolver.resolve("web", {}).promise());
  for (int i = 0; i < 20; ++i) answers.push_back(resolver.resolve("user" + std::to_string(i) + "@web", {}).promise());
  for (auto& answer : answers) CHECK(answer.wait(world.io.waitScope));
  CHECK(world.runs() == 22);
}

TEST_CASE("a thousand hosts that the configuration treats alike cost one process") {
  ResolverWorld world;
  auto settings = world.settings(world.folder.write(
      "config", "Host db*\n Port 2200\nMatch host web*\n User web\nHost *\n User bob\n IdentityFile ~/.ssh/%h\n",
      0644));
  settings.ssh = world.countingSsh();
  Resolver resolver(world.loop, settings);
  for (int i = 0; i < 1000; ++i) {
    auto name = (i % 2 == 0 ? "db" : "other") + std::to_string(i);
    auto answer = world.resolve(resolver, name);
    REQUIRE(answer);
    REQUIRE(text((*answer)->host().getAlias()) == name);
    REQUIRE(text((*answer)->host().getHostName()) == name);
    REQUIRE((*answer)->host().getPort() == (i % 2 == 0 ? 2200 : 22));
  }
  CHECK(world.runs() == 3);  // db*, others, and the defaults
  CHECK(text((*world.resolve(resolver, "web1"))->host().getUser()) == "web");
  CHECK((*world.resolve(resolver, "other7:2222"))->host().getPort() == 2222);
  CHECK(text((*world.resolve(resolver, "carol@other7"))->host().getUser()) == "carol");
  CHECK(world.runs() == 6);
}

TEST_CASE("hosts that something else than their names tells apart are asked for one by one") {
  ResolverWorld world;
  auto settings = world.settings("");
  settings.ssh = world.countingSsh();
  for (auto config : {"Host *\n HostName %h.example.org\n", "Match exec \"test %h = a\"\n User x\n",
                      "CanonicalizeHostname yes\nCanonicalDomains example.org\n"}) {
    settings.configFile = world.folder.write("config", config, 0644);
    Resolver resolver(world.loop, settings);
    auto before = world.runs();
    for (auto name : {"a", "b", "c"}) REQUIRE(world.resolve(resolver, name));
    CHECK(world.runs() - before == 4);  // each, and the defaults
  }
  settings.configFile = world.folder.write("config", "Host *\n HostName %h.example.org\n", 0644);
  Resolver resolver(world.loop, settings);
  CHECK(text((*world.resolve(resolver, "b"))->host().getHostName()) == "b.example.org");
}

TEST_CASE("a caller that leaves does not disturb the others") {
  ResolverWorld world;
  Resolver resolver(world.loop, world.settings("none"));
  auto stays = resolver.resolve("web", {}).promise();
  { auto leaves = resolver.resolve("web", {}); }
  CHECK(stays.wait(world.io.waitScope));
}

TEST_CASE("what cannot be honoured is an error that says so") {
  ResolverWorld world;
  auto fault = world.faultOf("Host web\n RemoteCommand uptime\n", "web");
  CHECK(fault.kind == ErrorKind::UNREACHABLE);
  CHECK(fault.reason == Reason::CONFIG_UNUSABLE);
  CHECK(fault.detail == "ssh_config sets RemoteCommand uptime for web, which is not supported");
  for (auto* line : {"SessionType none", "BindInterface lo", "KnownHostsCommand /bin/x %H"}) {
    CHECK(world.faultOf(std::string(line) + "\n", "web").detail.find(line) != std::string::npos);
  }
  CHECK(world.faultOf("ProxyUseFdpass yes\nProxyCommand nc %h\n", "web").detail.find("ProxyUseFdpass yes") !=
        std::string::npos);
  CHECK(world.faultOf("ForwardAgent yes\nProxyUseFdpass yes\nProxyCommand none\nRemoteCommand none\n", "web").detail ==
        "resolved");
}

TEST_CASE("the way through jump hosts has each one's own configuration, the nearest first") {
  ResolverWorld world;
  auto config = world.folder.write("config",
                                   "Host web\n ProxyJump ann@one:2201,two,ssh://three:2203\n"
                                   "Host two\n HostName 10.0.0.2\n User bob\n ProxyJump never-asked\n"
                                   "Host chain\n ProxyJump web\nHost self\n ProxyJump self\n"
                                   "Host a\n ProxyJump b\nHost b\n ProxyJump a\n",
                                   0644);
  Resolver resolver(world.loop, world.settings(config));
  auto wayOf = [&](const std::string& target) {
    auto answer = world.resolve(resolver, target);
    if (!answer) return answer.error().detail;
    std::string way;
    for (const auto& jump : (*answer)->jumps()) {
      auto host = jump->host();
      way += std::string(host.getUser().cStr()) + "@" + host.getHostName().cStr() + ":" +
             std::to_string(host.getPort()) + " ";
    }
    return way;
  };
  std::string own = (*world.resolve(resolver, "one"))->host().getUser().cStr();
  CHECK(wayOf("one").empty());
  CHECK(wayOf("web") == "ann@one:2201 bob@10.0.0.2:22 " + own + "@three:2203 ");
  CHECK(wayOf("chain") == "ann@one:2201 bob@10.0.0.2:22 " + own + "@three:2203 " + own + "@web:22 ");
  CHECK(wayOf("self") == "jumphost loop via self");  // ssh's own words
  CHECK(wayOf("a") == "ProxyJump leads in a circle, via a");
  CHECK(wayOf("b") == "ProxyJump leads in a circle, via b");
  CHECK((*world.resolve(resolver, "chain"))->host().getPoolKey() !=
        (*world.resolve(resolver, "web"))->host().getPoolKey());
}

TEST_CASE("a configuration with faults fails in ssh's words") {
  ResolverWorld world;
  auto error = world.faultOf("Host web\n BadOption yes\n", "web");
  CHECK(error.reason == Reason::CONFIG_UNUSABLE);
  CHECK(error.detail.find("config: line 2: Bad configuration option: badoption") != std::string::npos);
  Resolver missing(world.loop, world.settings(world.folder.path("missing")));
  CHECK(world.resolve(missing, "web").error().detail.find("missing: No such file or directory") != std::string::npos);
}

TEST_CASE("a faulty configuration that was mended works within a second") {
  ResolverWorld world;
  auto config = world.folder.write("config", "BadOption yes\n", 0644);
  Resolver resolver({world.loop.port, world.timer, world.loop.io}, world.settings(config));
  CHECK_FALSE(world.resolve(resolver, "web"));
  world.folder.write("config", "User bob\n", 0644);
  world.timer.advanceTo(world.timer.now() + 1 * kj::SECONDS);
  CHECK(world.resolve(resolver, "web"));
}

TEST_CASE("a machine without ssh is told what to install") {
  ResolverWorld world;
  auto settings = world.settings("none");
  settings.ssh = "no-such-ssh";
  Resolver resolver(world.loop, settings);
  auto error = world.resolve(resolver, "web").error();
  CHECK(error.reason == Reason::CONFIG_UNUSABLE);
  CHECK(error.detail ==
        "cannot start no-such-ssh: No such file or directory. Install OpenSSH's client (openssh-client)");
}

TEST_CASE("a bad target never reaches ssh") {
  ResolverWorld world;
  CHECK(world.faultOf("", "-oProxyCommand=touch /tmp/x").reason == Reason::BAD_TARGET);
  CHECK(world.faultOf("", "").kind == ErrorKind::USAGE);
}

TEST_CASE("connections are shared exactly where they would be equal") {
  ResolverWorld world;
  auto resolver = world.configured(
      "Host a b same-as-a other-key\n HostName 10.0.0.1\nHost b\n User bob\nHost other-key\n IdentityFile /k\nHost c\n "
      "HostName 10.0.0.1\n"
      " Ciphers aes128-ctr\nHost d\n HostName 10.0.0.1\n UserKnownHostsFile /kh\nHost e\n HostName 10.0.0.1\n SetEnv "
      "A=1\nHost f\n HostName 10.0.0.1\n BatchMode yes\nHost g\n HostName 10.0.0.1\n PasswordAuthentication no\n");
  auto key = [&](const std::string& target, const std::string& authSock = "") {
    return text(world.resolve(resolver, target, authSock).value()->host().getPoolKey());
  };
  CHECK(key("a") == key("same-as-a"));
  CHECK(key("a") == key("10.0.0.1"));
  CHECK(key("a") == key("a:22"));
  CHECK(key("a") == key("e"));
  CHECK(key("a") == key("f"));
  CHECK(world.resolve(resolver, "f").value()->host().getAuthentications().size() == 1);
  CHECK(key("a", "/agent") != key("a"));
  for (auto* other : {"b", "other-key", "c", "d", "g", "a:2222", "10.0.0.2"}) CHECK(key("a") != key(other));
}

TEST_CASE("a resolved host offers its keys and signs, also after its resolver has gone") {
  ResolverWorld world;
  UserAgent agent(world);
  auto file = world.makeKey("id"), inAgent = world.makeKey("in-agent");
  agent.add(inAgent);
  auto resolver = std::make_unique<Resolver>(
      world.loop, world.settings(world.folder.write("config", "IdentityFile " + file + "\n", 0644)));
  auto answer = world.resolve(*resolver, "web", agent.path()).value();
  resolver = nullptr;

  auto identity = answer->identity();
  auto response = identity.keysRequest().send().wait(world.io.waitScope);
  REQUIRE(response.getKeys().size() == 2);
  CHECK(text(response.getKeys()[1].getComment()) == file);
  CHECK(response.getError().getKind() == schema::ErrorKind::NONE);
  for (auto key : response.getKeys()) {
    auto sign = identity.signRequest();
    sign.setKey(key.getBlob());
    sign.setData(key.getBlob());
    sign.setAlgorithm("ssh-ed25519");
    auto signedBy = sign.send().wait(world.io.waitScope);
    CHECK(signedBy.getSignature().size() == 64);
  }
  auto sign = identity.signRequest();
  sign.setAlgorithm("ssh-ed25519");
  CHECK(sign.send().wait(world.io.waitScope).getError().getReason() == schema::Reason::NO_KEY);
}

TEST_CASE("IdentityAgent chooses the agent") {
  ResolverWorld world;
  UserAgent agent(world);
  agent.add(world.makeKey("key"));
  auto resolver =
      world.configured("IdentityFile none\nHost none\n IdentityAgent none\nHost path\n IdentityAgent " + agent.path() +
                       "\nHost variable\n IdentityAgent $CBS_TEST_AGENT\nHost socket\n IdentityAgent SSH_AUTH_SOCK\n");
  HostConfig::Variables environment = {{"CBS_TEST_AGENT", agent.path()}};
  auto count = [&](const std::string& target, const std::string& authSock) {
    CallerContext caller{.authSock = authSock, .variables = std::make_shared<const HostConfig::Variables>(environment)};
    auto answer = world.wait(resolver.resolve(target, caller)).value();
    return answer->identity().keysRequest().send().wait(world.io.waitScope).getKeys().size();
  };
  CHECK(count("none", agent.path()) == 0);
  CHECK(count("path", "") == 1);
  CHECK(count("variable", "") == 1);
  environment = {{"CBS_TEST_AGENT", world.folder.path("gone")}};
  CHECK(count("variable", "") == 0);
  CHECK(count("socket", agent.path()) == 1);
  CHECK(count("other", agent.path()) == 1);
  CHECK(count("other", "") == 0);
}

}  // namespace
}  // namespace cbs::identity
