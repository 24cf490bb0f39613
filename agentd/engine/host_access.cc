#include "agentd/engine/host_access.h"

#include "agentd/engine/data.h"

namespace cbs::engine {
namespace {

std::string textOf(capnp::Text::Reader text) { return {text.begin(), text.size()}; }

// An error in a response, unless its kind is none.
std::optional<Error> errorIn(schema::Error::Reader error) {
  if (error.getKind() == ErrorKind::NONE) return std::nullopt;
  return decode(error);
}

class RemoteSigner : public ssh::Signer {
 public:
  explicit RemoteSigner(schema::Identity::Client identity) : identity_(kj::mv(identity)) {}

  Task<Expected<ssh::OfferedKeys>> keys() override {
    auto response = co_await identity_.keysRequest().send();
    ssh::OfferedKeys offered{{}, errorIn(response.getError())};
    for (auto key : response.getKeys()) offered.keys.push_back({bytesOf(key.getBlob()), textOf(key.getComment())});
    if (offered.keys.empty())
      co_return fail(offered.shortcoming.value_or(Error{ErrorKind::AUTH_REFUSED, Reason::NO_KEY, ""}));
    co_return offered;
  }

  Task<Expected<std::string>> sign(std::string blob, std::string data, std::string algorithm) override {
    auto request = identity_.signRequest();
    request.setKey(dataOf(blob));
    request.setData(dataOf(data));
    request.setAlgorithm(algorithm.c_str());
    auto response = co_await request.send();
    if (auto error = errorIn(response.getError())) co_return fail(*error);
    co_return bytesOf(response.getSignature());
  }

  Task<Expected<ssh::Answers>> ask(ssh::Question question) override {
    auto request = identity_.askRequest();
    encode(question, request.initQuestion());
    auto response = co_await request.send();
    if (auto error = errorIn(response.getError())) co_return fail(*error);
    ssh::Answers answers;
    for (auto answer : response.getAnswers()) {
      auto bytes = answer.asChars();
      answers.push_back(std::make_shared<const Secret>(std::string_view(bytes.begin(), bytes.size())));
      wipe({bytes.begin(), bytes.size()});
    }
    co_return answers;
  }

  void refused(ssh::Question question) override {
    auto request = identity_.refusedRequest();
    encode(question, request.initQuestion());
    request.send().detach([](kj::Exception&&) {});
  }

 private:
  static void encode(const ssh::Question& question, schema::Question::Builder to) {
    to.setInstruction(question.instruction.c_str());
    auto prompts = to.initPrompts(static_cast<unsigned>(question.prompts.size()));
    for (unsigned i = 0; i < prompts.size(); ++i) {
      prompts[i].setText(question.prompts[i].text.c_str());
      prompts[i].setEcho(question.prompts[i].echo);
    }
  }

  schema::Identity::Client identity_;
};

class RemoteJudge : public ssh::HostKeyJudge {
 public:
  explicit RemoteJudge(schema::Trust::Client trust) : trust_(kj::mv(trust)) {}

  Task<Expected<std::vector<std::string>>> algorithms() override {
    auto response = co_await trust_.algorithmsRequest().send();
    if (auto error = errorIn(response.getError())) co_return fail(*error);
    std::vector<std::string> algorithms;
    for (auto name : response.getAlgorithms()) algorithms.push_back(textOf(name));
    co_return algorithms;
  }

  Task<Expected<ssh::Trustworthiness>> judge(std::string blob, std::string address) override {
    auto request = trust_.judgeRequest();
    request.setKey(dataOf(blob));
    request.setAddress(address.c_str());
    auto response = co_await request.send();
    if (auto error = errorIn(response.getError())) co_return fail(*error);
    co_return ssh::Trustworthiness{.publicKeyOnly = response.getPublicKeyOnly()};
  }

 private:
  schema::Trust::Client trust_;
};

int familyOf(schema::ResolvedHost::AddressFamily family) {
  switch (family) {
    case schema::ResolvedHost::AddressFamily::INET:
      return AF_INET;
    case schema::ResolvedHost::AddressFamily::INET6:
      return AF_INET6;
    default:
      return AF_UNSPEC;
  }
}

}  // namespace

ssh::TransportOptions transportOf(schema::ResolvedHost::Reader host) {
  return {textOf(host.getHostName()), host.getPort(), familyOf(host.getAddressFamily()), textOf(host.getBindAddress())};
}

std::shared_ptr<pool::HostAccess> makeHostAccess(schema::ResolvedHost::Reader host, schema::Identity::Client identity,
                                                 schema::Trust::Client trust, const AccessTerms& terms) {
  auto access = std::make_shared<pool::HostAccess>();
  access->key = textOf(host.getPoolKey());
  access->alias = textOf(host.getAlias());
  access->dial.transport = transportOf(host);
  access->dial.user = textOf(host.getUser());
  access->dial.algorithms = {textOf(host.getCiphers()), textOf(host.getMacs()), textOf(host.getKexAlgorithms())};
  access->caller = terms.caller;
  access->id = terms.id;
  for (auto setting : host.getIgnored()) access->ignored.push_back(textOf(setting));
  if (host.hasAuthentications()) {
    access->dial.methods = {{}, host.getPasswordPrompts()};
    for (auto method : host.getAuthentications()) access->dial.methods.order.push_back(textOf(method));
  }
  access->proxyCommand = textOf(host.getProxyCommand());
  access->keepaliveInterval = static_cast<int64_t>(host.getServerAliveIntervalMs()) * kj::MILLISECONDS;
  access->keepaliveMost = host.getServerAliveCountMax();
  uint64_t limitMs = terms.connectTimeoutMs != 0 ? terms.connectTimeoutMs : host.getConnectTimeoutMs();
  access->dial.connectLimit = static_cast<int64_t>(limitMs) * kj::MILLISECONDS;
  for (auto variable : host.getSetEnv()) {
    access->environment.emplace_back(bytesOf(variable.getName()), bytesOf(variable.getValue()));
  }
  access->signer = std::make_shared<RemoteSigner>(kj::mv(identity));
  access->judge = std::make_shared<RemoteJudge>(kj::mv(trust));
  return access;
}

}  // namespace cbs::engine
