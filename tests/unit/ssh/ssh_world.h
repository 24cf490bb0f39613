// A login to a test's own sshd, without the daemon: what the tests of agentd/ssh stand on.
#pragma once

#include "agentd/core/wire.h"
#include "agentd/ssh/connection.h"
#include "tests/support/child_process.h"
#include "tests/support/sshd.h"
#include "tests/support/temp_folder.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <catch2/catch_test_macros.hpp>

#include <cstring>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace cbs::ssh {

// Signs with one key file, through an ssh-agent of its own. Blocks, as a test may.
class KeyFileSigner : public Signer {
 public:
  explicit KeyFileSigner(const std::string& keyFile)
      : socket_(folder_.path() + "/agent"), agent_(test::Program{{"/usr/bin/ssh-agent", "-D", "-a", socket_}}) {
    while (!accepts()) usleep(1000);  // the file is there before anybody listens
    test::runProgram({"/usr/bin/env", "SSH_AUTH_SOCK=" + socket_, "ssh-add", "-q", keyFile});
  }

  Task<Expected<OfferedKeys>> keys() override {
    std::string answer = ask(core::WireWriter().byte(11).bytes());
    core::WireReader reader(answer);
    reader.skip(5);
    std::string blob(reader.string());
    co_return OfferedKeys{{{blob, "test key"}}, std::nullopt};
  }

  Task<Expected<std::string>> sign(std::string blob, std::string data, std::string algorithm) override {
    uint32_t flags = algorithm == "rsa-sha2-512" ? 4 : algorithm == "rsa-sha2-256" ? 2 : 0;
    std::string answer = ask(core::WireWriter().byte(13).string(blob).string(data).uint32(flags).bytes());
    core::WireReader reader(answer);
    reader.skip(1);
    std::string wrapped(reader.string());
    core::WireReader signature(wrapped);
    signature.string();
    co_return std::string(signature.string());
  }

  Task<Expected<Answers>> ask(Question question) override {
    asked.push_back(question);
    if (typed.empty()) co_return fail(ErrorKind::AUTH_REFUSED, Reason::NOBODY_TO_ASK, "");
    Answers answers;
    for (size_t i = 0; i < question.prompts.size(); ++i)
      answers.push_back(std::make_shared<const Secret>(typed.front()));
    if (typed.size() > 1) typed.erase(typed.begin());
    co_return answers;
  }
  void refused(Question) override { ++refusals; }

  std::vector<std::string> typed = {};  // the answers of a person, in order; the last one goes on for ever
  std::vector<Question> asked = {};
  int refusals = 0;

 private:
  bool connectTo(int fd) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strcpy(address.sun_path, socket_.c_str());
    return ::connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0;
  }

  bool accepts() {
    int fd = ::socket(AF_UNIX, SOCK_STREAM, 0);
    bool connected = connectTo(fd);
    ::close(fd);
    return connected;
  }

  std::string ask(const std::string& message) {
    int fd = ::socket(AF_UNIX, SOCK_STREAM, 0);
    if (!connectTo(fd)) throw std::runtime_error("no agent");
    std::string framed = core::WireWriter().string(message).bytes();
    if (::write(fd, framed.data(), framed.size()) < 0) throw std::runtime_error("agent write");
    unsigned char length[4];
    if (::recv(fd, length, 4, MSG_WAITALL) != 4) throw std::runtime_error("agent read");
    std::string answer(static_cast<size_t>(length[0] << 24 | length[1] << 16 | length[2] << 8 | length[3]), '\0');
    if (::recv(fd, answer.data(), answer.size(), MSG_WAITALL) < 0) throw std::runtime_error("agent read");
    ::close(fd);
    return answer;
  }

  test::TempFolder folder_;
  std::string socket_;
  test::ChildProcess agent_;
};

// Trusts every host key.
class TrustingJudge : public HostKeyJudge {
 public:
  Task<Expected<std::vector<std::string>>> algorithms() override {
    co_return std::vector<std::string>{"ssh-ed25519", "ecdsa-sha2-nistp256", "rsa-sha2-512"};
  }
  Task<Expected<Trustworthiness>> judge(std::string, std::string) override {
    ++judged;
    if (refuse) co_return fail(ErrorKind::HOST_KEY_REFUSED, Reason::HOST_KEY_CHANGED, "");
    co_return Trustworthiness{};
  }
  int judged = 0;
  bool refuse = false;
};

// Lets everybody in, and remembers what it was told.
class OpenGate : public AddressGate {
 public:
  kj::Promise<Turnstile::Pass> mayLookUp() override { return lookUps.enter(); }
  Task<Expected<kj::Own<Permit>>> enter(std::string address) override {
    addresses.push_back(std::move(address));
    co_return kj::Own<Permit>(kj::heap<NotedPermit>(*this));
  }
  Turnstile lookUps{1};
  std::vector<std::string> addresses;
  std::vector<Reason> failures;
  int logins = 0;

 private:
  class NotedPermit : public Permit {
   public:
    explicit NotedPermit(OpenGate& gate) : gate_(gate) {}
    kj::Promise<void> mayExchange() override { return kj::READY_NOW; }
    void agreed() override {}
    void loggedIn() override { ++gate_.logins; }
    void failed(const Error& why) override { gate_.failures.push_back(why.reason); }

   private:
    OpenGate& gate_;
  };
};

struct World {
  explicit World(test::SshdOptions options = {}) : sshd(std::move(options)), signer(sshd.keyFile()) {}

  Expected<kj::Own<Connection>> tryDial(uint16_t port = 0) {
    DialRequest request{{"127.0.0.1", port == 0 ? sshd.port() : port, AF_UNSPEC, ""}, sshd.user(), algorithms};
    request.connectLimit = connectLimit;
    auto connect = [this, transport = request.transport](Allowance& allowance, DialProgress& progress) {
      return connectTo(loop, transport, allowance, gate, progress);
    };
    return Connection::dial(loop, request, kj::mv(connect), signer, judge, progress).promise().wait(io.waitScope);
  }
  kj::Own<Connection> dial() {
    auto connection = tryDial();
    if (!connection) FAIL(nameOf(connection.error().reason) << ": " << connection.error().detail);
    return kj::mv(*connection);
  }

  kj::AsyncIoContext io = kj::setupAsyncIo();
  Loop loop{io.unixEventPort, io.provider->getTimer(), *io.lowLevelProvider};
  test::Sshd sshd;
  KeyFileSigner signer;
  TrustingJudge judge;
  OpenGate gate;
  DialProgress progress;
  Algorithms algorithms;
  kj::Duration connectLimit = 20 * kj::SECONDS;
};

struct Ran {
  std::string out;
  std::string err;
  ExitStatus status;
};

// Runs a command on an open channel to its end.
inline Task<Expected<Ran>> runOn(kj::Own<Channel> channel, std::string line, std::string input = "") {
  bool sent = false;
  auto started = co_await channel->exec(std::move(line), &sent);
  if (!started) co_return fail(started.error());
  auto fed = channel->write(kj::heapArray(reinterpret_cast<const kj::byte*>(input.data()), input.size()));
  Ran ran;
  auto eof = [](Task<Expected<void>> fed, Channel& channel) -> Task<Expected<void>> {
    co_await fed;
    co_return co_await channel.sendEof();
  }(kj::mv(fed), *channel);
  for (;;) {
    auto chunk = co_await channel->read();
    if (!chunk) co_return fail(chunk.error());
    if (!*chunk) break;
    (chunk->value().isStderr ? ran.err : ran.out)
        .append(reinterpret_cast<const char*>(chunk->value().bytes.begin()), chunk->value().bytes.size());
  }
  auto status = co_await channel->awaitExit();
  if (!status) co_return fail(status.error());
  ran.status = *status;
  co_return ran;
}

inline Task<Expected<Ran>> run(Connection& connection, std::string line, std::string input = "") {
  auto channel = co_await connection.openChannel();
  if (!channel) co_return fail(channel.error());
  connection.openAhead();
  co_return co_await runOn(kj::mv(*channel), std::move(line), std::move(input));
}

}  // namespace cbs::ssh
