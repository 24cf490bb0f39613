// The part of AgentServer that tells of hosts, and acts on what the engine keeps for them.

#include "agentd/rpc/agent_server.h"

#include "agentd/rpc/admission.h"

#include <algorithm>

namespace cbs::rpc {
namespace {

Task<void> describeKeys(schema::Identity::Client identity, schema::Explanation::Builder to) {
  auto answer = co_await identity.keysRequest().send();
  to.setKeys(answer.getKeys());
  to.setKeysError(answer.getError());
}

Task<void> describeHostKeys(schema::Trust::Client trust, schema::Explanation::Builder to) {
  auto answer = co_await trust.algorithmsRequest().send();
  auto algorithms = answer.getAlgorithms();
  auto known = std::min(answer.getKnown(), algorithms.size());
  auto told = to.initHostKeyAlgorithms(known != 0 ? known : algorithms.size());
  for (unsigned i = 0; i < told.size(); ++i) told.set(i, algorithms[i]);
  to.setHostKeysKnown(known != 0);
  to.setHostKeysError(answer.getError());
}

schema::Explanation::Origin originOf(identity::ConfigSetting::Origin origin) {
  switch (origin) {
    case identity::ConfigSetting::Origin::DEFAULT:
      return schema::Explanation::Origin::DEFAULT;
    case identity::ConfigSetting::Origin::TARGET:
      return schema::Explanation::Origin::TARGET;
    case identity::ConfigSetting::Origin::FILE:
      return schema::Explanation::Origin::FILE;
    case identity::ConfigSetting::Origin::UNKNOWN:
      break;
  }
  return schema::Explanation::Origin::UNKNOWN;
}

Task<void> describeSettings(identity::Resolver& resolver, std::string target, schema::Explanation::Builder to) {
  auto settings = co_await resolver.settings(std::move(target));
  if (!settings) {
    encode(settings.error(), to.initSettingsError());
    co_return;
  }
  auto list = to.initSettings(static_cast<unsigned>(settings->size()));
  for (unsigned i = 0; i < list.size(); ++i) {
    const identity::ConfigSetting& setting = (*settings)[i];
    list[i].setKeyword(setting.keyword.c_str());
    list[i].setValue(setting.value.c_str());
    list[i].setFile(setting.file.c_str());
    list[i].setLine(setting.line);
    list[i].setOrigin(originOf(setting.origin));
  }
}

Task<void> describeHost(schema::Engine::Client& engine, const identity::Resolved& host,
                        schema::Explanation::Builder to) {
  auto request = engine.describeRequest();
  request.setHost(host.host());
  auto answer = co_await request.send();
  to.setEngine(answer.getReport());
}

}  // namespace

kj::Promise<void> AgentServer::hosts(HostsContext context) { return fillHosts(kj::mv(context)); }

Task<void> AgentServer::fillHosts(HostsContext context) {
  auto request = services_.engine.hostsRequest();
  request.setLimit(context.getParams().getLimit());
  auto answer = co_await request.send();
  context.getResults().setHosts(answer.getHosts());
}

kj::Promise<void> AgentServer::explain(ExplainContext context) { return fillExplanation(kj::mv(context)); }

Task<void> AgentServer::fillExplanation(ExplainContext context) {
  auto params = context.getParams();
  auto to = context.getResults().initExplanation();
  to.setTarget(params.getTarget());
  auto host =
      co_await services_.resolver.resolve(params.getTarget().cStr(), contextOf(params.getCaller(), caller_.user));
  if (!host) {
    encode(host.error(), to.initError());
    co_return;
  }
  to.setHost((*host)->host());
  co_await describeKeys((*host)->identity(), to);
  co_await describeHostKeys((*host)->trust(), to);
  co_await describeHost(services_.engine, **host, to);
  co_await describeSettings(services_.resolver, params.getTarget().cStr(), to);
}

// The key of the host that a request is about, or "" for all.
template <typename Params>
Task<Expected<std::string>> AgentServer::poolKeyOf(Params params) {
  if (params.getAll()) co_return std::string();
  auto host =
      co_await services_.resolver.resolve(params.getTarget().cStr(), contextOf(params.getCaller(), caller_.user));
  if (!host) co_return fail(host.error());
  co_return std::string((*host)->host().getPoolKey().cStr());
}

kj::Promise<void> AgentServer::disconnect(DisconnectContext context) { return disconnectHosts(kj::mv(context)); }

Task<void> AgentServer::disconnectHosts(DisconnectContext context) {
  auto params = context.getParams();
  noteControl("disconnect", params.getAll() ? "*" : params.getTarget().cStr(), params.getNow() ? "now" : "");
  auto key = co_await poolKeyOf(context.getParams());
  if (!key) {
    encode(key.error(), context.getResults().initError());
    co_return;
  }
  auto request = services_.engine.disconnectRequest();
  request.setPoolKey(*key);
  request.setNow(context.getParams().getNow());
  auto answer = co_await request.send();
  context.getResults().setClosed(answer.getClosed());
  context.getResults().setLeaving(answer.getLeaving());
}

kj::Promise<void> AgentServer::resetBreaker(ResetBreakerContext context) { return resetBreakers(kj::mv(context)); }

Task<void> AgentServer::resetBreakers(ResetBreakerContext context) {
  auto params = context.getParams();
  noteControl("breaker reset", params.getAll() ? "*" : params.getTarget().cStr());
  auto key = co_await poolKeyOf(context.getParams());
  if (!key) {
    encode(key.error(), context.getResults().initError());
    co_return;
  }
  auto request = services_.engine.resetBreakersRequest();
  request.setPoolKey(*key);
  auto answer = co_await request.send();
  context.getResults().setHosts(answer.getHosts());
}

}  // namespace cbs::rpc
