// Options of ssh that a caller gives with a target.
#include "agentd/identity/ssh_options.h"

#include "agentd/identity/resolver.h"
#include "tests/unit/identity/world.h"

#include <catch2/catch_test_macros.hpp>

namespace cbs::identity {
namespace {

struct OptionsWorld : World {
  kj::TimerImpl timer{kj::origin<kj::TimePoint>()};

  std::string countingSsh() {
    return folder.write("ssh", "#!/bin/sh\necho >>'" + folder.path("runs") + "'\nexec ssh \"$@\"\n", 0700);
  }
  size_t runs() { return test::readFile(folder.path("runs")).size(); }

  Resolver resolver{{loop.port, timer, loop.io},
                    {.configFile = folder.write("config",
                                                "Host web*\n HostName 10.1.2.3\n User bob\n ConnectTimeout 7\n"
                                                "Host jump\n User jumper\n",
                                                0644),
                     .privateAgent = {.folder = folder.path("private")},
                     .ssh = countingSsh()}};

  Expected<std::shared_ptr<const Resolved>> resolve(const std::string& target, SshOptions options) {
    return wait(resolver.resolve(target, {.ssh = std::move(options)}));
  }
  std::shared_ptr<const Resolved> resolved(const std::string& target, SshOptions options) {
    auto answer = resolve(target, std::move(options));
    INFO((answer ? "" : answer.error().detail));
    REQUIRE(answer);
    return *answer;
  }
  std::string poolKey(const std::string& target, SshOptions options) {
    return resolved(target, std::move(options))->host().getPoolKey().cStr();
  }
};

TEST_CASE("options go before the configuration, and the target before them") {
  OptionsWorld world;
  auto host = world.resolved("web1", {.lines = {"ConnectTimeout=3", "User=eve", "ConnectTimeout=4"}})->host();
  CHECK(host.getConnectTimeoutMs() == 3000);
  CHECK(host.getUser() == "eve");
  CHECK(host.getHostName() == "10.1.2.3");
  CHECK(world.resolved("amy@web1", {.lines = {"User=eve"}})->host().getUser() == "amy");
  CHECK(world.resolved("web1", {})->host().getUser() == "bob");
}

TEST_CASE("another configuration can be read instead, or none, and is read again when it changes") {
  OptionsWorld world;
  auto file = world.folder.write("other", "Host *\n HostName 10.9.9.9\n", 0644);
  CHECK(world.resolved("web1", {.configFile = file})->host().getHostName() == "10.9.9.9");
  CHECK(world.resolved("web1", {.configFile = "none"})->host().getHostName() == "web1");
  CHECK(world.resolved("web1", {})->host().getHostName() == "10.1.2.3");
  world.folder.write("other", "Host *\n HostName 10.8.8.8\n", 0644);
  world.timer.advanceTo(world.timer.now() + 1 * kj::SECONDS);
  CHECK(world.resolved("web1", {.configFile = file})->host().getHostName() == "10.8.8.8");
}

TEST_CASE("connections are shared whatever is said that does not make them differ") {
  OptionsWorld world;
  auto key = world.poolKey("web1", {});
  for (auto* line : {"ConnectTimeout=5", "ControlMaster=auto", "ControlPath=/tmp/x", "ControlPersist=60s", "SendEnv=A",
                     "SetEnv=A=1", "RequestTTY=no", "LogLevel=QUIET", "ClearAllForwardings=yes", "ForwardX11=no",
                     "PermitLocalCommand=no", "RemoteCommand=none", "Compression=yes", "ServerAliveInterval=30"}) {
    INFO(line);
    CHECK(world.poolKey("web1", {.lines = {line}}) == key);
  }
  CHECK(world.poolKey("web1", {.lines = {"IdentityFile=/tmp/another"}}) != key);
  CHECK(world.poolKey("web1", {.lines = {"StrictHostKeyChecking=no"}}) != key);
}

TEST_CASE("an answer is remembered for its options, and shared by hosts that they treat alike") {
  OptionsWorld world;
  SshOptions options{.lines = {"ConnectTimeout=5"}};
  world.resolved("web1", options);
  auto once = world.runs();
  world.resolved("web1", options);
  world.resolved("web2", options);
  CHECK(world.runs() == once);
  CHECK(world.resolved("web2", options)->host().getAlias() == "web2");
  world.resolved("web1", {.lines = {"ConnectTimeout=6"}});
  CHECK(world.runs() == once + 1);
  CHECK(world.resolved("web1", {.lines = {"HostName=%h.example"}})->host().getHostName() == "web1.example");
  CHECK(world.resolved("web2", {.lines = {"HostName=%h.example"}})->host().getHostName() == "web2.example");
}

TEST_CASE("a jump host gets the file, and none of the options") {
  OptionsWorld world;
  auto answer = world.resolved("web1", {.lines = {"ProxyJump=jump", "User=eve", "Port=2222"}});
  REQUIRE(answer->jumps().size() == 1);
  auto jump = answer->jumps()[0]->host();
  CHECK(jump.getUser() == "jumper");
  CHECK(jump.getPort() == 22);
  auto file = world.folder.write("other", "Host jump\n Port 2200\n", 0644);
  auto other = world.resolved("web1", {.lines = {"ProxyJump=jump"}, .configFile = file});
  CHECK(other->jumps()[0]->host().getPort() == 2200);
}

TEST_CASE("a file that a caller writes anew counts at once") {
  OptionsWorld world;
  for (auto* port : {"22", "222", "2222"}) {
    auto file = world.folder.write("other", std::string("Host web1\n Port ") + port + "\n", 0644);
    CHECK(std::to_string(world.resolved("web1", {.configFile = file})->host().getPort()) == port);
  }
}

TEST_CASE("answers to long options are not kept, as callers could fill the memory with them") {
  OptionsWorld world;
  SshOptions options{.lines = {"SetEnv=A=" + std::string(3000, 'x')}};
  world.resolved("db1", options);
  CHECK(world.resolved("db1", options) != world.resolved("db1", options));
  options.lines = {"SetEnv=A=x"};
  CHECK(world.resolved("db1", options) == world.resolved("db1", options));
}

TEST_CASE("options that ssh does not know fail in ssh's words") {
  OptionsWorld world;
  auto answer = world.resolve("web1", {.lines = {"NoSuchThing=1"}});
  REQUIRE_FALSE(answer);
  CHECK(answer.error().reason == Reason::CONFIG_UNUSABLE);
  CHECK(answer.error().detail.find("Bad configuration option: nosuchthing") != std::string::npos);
}

}  // namespace
}  // namespace cbs::identity
