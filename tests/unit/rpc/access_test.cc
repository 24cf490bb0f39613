#include "agentd/rpc/access.h"

#include "agentd/rpc/admission.h"
#include "agentd/rpc/guarded_agent.h"
#include "common/not_allowed.h"

#include <capnp/message.h>
#include <capnp/schema.h>
#include <grp.h>
#include <kj/async-io.h>
#include <unistd.h>

#include <catch2/catch_test_macros.hpp>

namespace cbs::rpc {
namespace {

const uid_t kOther = geteuid() + 4711;

struct AccessWorld {
  kj::AsyncIoContext io = kj::setupAsyncIo();
  Loop loop{io.unixEventPort, io.provider->getTimer(), *io.lowLevelProvider};
  Access access{loop};

  void set(std::string users, std::string viewers) {
    access.setRules({.allowGroups = std::move(users), .viewGroups = std::move(viewers)});
  }
  Role roleIn(gid_t group) const { return access.roleOf({.user = kOther, .key = "other", .groups = {group}}); }
  void settle() { access.whenKnown().wait(io.waitScope); }
};

// A group that every system has, with its number.
constexpr gid_t kRootsGroup = 0;
std::string rootsGroup() { return getgrgid(kRootsGroup)->gr_name; }

TEST_CASE("every method of the agent has a rule, in the order of the schema") {
  auto methods = capnp::Schema::from<schema::Agent>().getMethods();
  const auto& rules = methodRules();
  REQUIRE(rules.size() == methods.size());
  for (unsigned i = 0; i < methods.size(); ++i) {
    CHECK(rules[i].name == methods[i].getProto().getName().cStr());
    CHECK(rules[i].least != Role::NOBODY);
  }
}

TEST_CASE("without groups the daemon is its own user's and root's") {
  AccessWorld world;
  world.set("", " , ");
  world.settle();
  CHECK_FALSE(world.access.isOpenToGroups());
  CHECK(world.roleIn(kRootsGroup) == Role::NOBODY);
  CHECK(world.access.roleOf({geteuid(), "me"}) == Role::OWNER);
  CHECK(world.access.roleOf({0, "root"}) == Role::OWNER);
}

TEST_CASE("members of a group are what it is named as, the more of two") {
  AccessWorld world;
  world.set("", rootsGroup());
  world.settle();
  CHECK(world.roleIn(kRootsGroup) == Role::VIEWER);
  CHECK(world.roleIn(kRootsGroup + 54321) == Role::NOBODY);
  world.set("no-such-group, " + rootsGroup(), rootsGroup());
  world.settle();
  CHECK(world.roleIn(kRootsGroup) == Role::USER);
}

TEST_CASE("a group that is not named any more has lost its right at once") {
  AccessWorld world;
  world.set(rootsGroup(), "");
  world.settle();
  REQUIRE(world.roleIn(kRootsGroup) == Role::USER);
  world.set("no-such-group", "");
  CHECK(world.roleIn(kRootsGroup) == Role::NOBODY);
}

TEST_CASE("rules that change while groups are looked up hold in the end") {
  AccessWorld world;
  world.set("no-such-group", "");
  world.set(rootsGroup(), "");
  world.settle();
  CHECK(world.roleIn(kRootsGroup) == Role::USER);
}

// Counts the calls that come through.
class CountingAgent final : public schema::Agent::Server {
 public:
  explicit CountingAgent(int& calls) : calls_(calls) {}
  kj::Promise<void> stats(StatsContext) override { return counted(); }
  kj::Promise<void> stop(StopContext) override { return counted(); }
  kj::Promise<void> disconnect(DisconnectContext) override { return counted(); }

 private:
  kj::Promise<void> counted() {
    ++calls_;
    return kj::READY_NOW;
  }
  int& calls_;
};

struct GuardedWorld : AccessWorld {
  int calls = 0;
  schema::Agent::Client agent = kj::heap<GuardedAgent>(kj::heap<CountingAgent>(calls), access,
                                                       Caller{.user = kOther, .key = "other", .groups = {kRootsGroup}});

  // Why a call was refused; "" if it was not.
  template <typename Request>
  std::string refusal(Request request) {
    auto failed = [](kj::Exception&& exception) {
      auto refused = asNotAllowed(exception);
      return refused ? refused->detail : "another failure";
    };
    return request.send().then([](auto&&) { return std::string(); }, failed).wait(io.waitScope);
  }
};

TEST_CASE("calls that a role does not allow do not come through, and say why") {
  GuardedWorld world;
  world.set("", rootsGroup());
  world.settle();
  CHECK(world.refusal(world.agent.statsRequest()) == "");
  CHECK(world.refusal(world.agent.disconnectRequest()).starts_with("disconnect is for those who may use the daemon"));
  CHECK(world.refusal(world.agent.stopRequest()) == "stop is for the daemon's own user and root");
  CHECK(world.calls == 1);
  world.set(rootsGroup(), "");
  world.settle();
  CHECK(world.refusal(world.agent.disconnectRequest()) == "");
  auto all = world.agent.disconnectRequest();
  all.setAll(true);
  CHECK(world.refusal(kj::mv(all)) == "disconnect of all hosts is for the daemon's own user and root");
  CHECK(world.calls == 2);
}

TEST_CASE("a right that is taken away is gone for who is connected, too") {
  GuardedWorld world;
  world.set(rootsGroup(), "");
  world.settle();
  REQUIRE(world.refusal(world.agent.statsRequest()) == "");
  world.set("", "");
  CHECK(world.refusal(world.agent.statsRequest()) == "you may not use this daemon any more");
  CHECK(world.calls == 1);
}

TEST_CASE("the ssh-agent of another user's is left alone") {
  capnp::MallocMessageBuilder message;
  auto caller = message.initRoot<schema::CallerContext>();
  caller.setAuthSock("/tmp/agent");
  CHECK(contextOf(caller, geteuid()).authSock == "/tmp/agent");
  CHECK(contextOf(caller, geteuid()).ownAgents);
  CHECK(contextOf(caller, kOther).authSock == "");
  CHECK_FALSE(contextOf(caller, kOther).ownAgents);
}

}  // namespace
}  // namespace cbs::rpc
