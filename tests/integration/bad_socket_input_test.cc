// What anybody may throw at the daemon's socket, without effect on the others.
#include "common/agent_client.h"
#include "common/local_socket.h"
#include "tests/support/failure.h"
#include "tests/support/lab.h"
#include "tests/support/process_figures.h"

#include <sys/socket.h>
#include <catch2/catch_test_macros.hpp>

#include <random>

namespace cbs::test {
namespace {

UniqueFd connectToAgent(const PrivateAgent& agent) {
  auto socket = connectLocal(agent.socket());
  if (!socket) fail(socket.error().detail);
  return UniqueFd(socket->release());
}

void sendAll(const UniqueFd& socket, std::string_view bytes) {
  send(socket.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
}

// Reads to the end; false if it has not come in time.
bool isClosed(const UniqueFd& socket) {
  char ignored[4096];
  while (waitReadable(socket.get(), kSoon)) {
    if (recv(socket.get(), ignored, sizeof(ignored), 0) <= 0) return true;
  }
  return false;
}

std::string randomBytes(std::minstd_rand& random, size_t size) {
  std::string bytes(size, '\0');
  for (char& byte : bytes) byte = static_cast<char>(random() >> 8);
  return bytes;
}

// A Cap'n Proto frame's head: one segment of so many words.
std::string frameHead(uint32_t words) {
  std::string head(8, '\0');
  memcpy(head.data() + 4, &words, sizeof(words));
  return head;
}

size_t linesIn(const std::string& text) { return static_cast<size_t>(std::count(text.begin(), text.end(), '\n')); }

TEST_CASE("random bytes on the socket end their connection, and nothing else") {
  Lab lab;
  auto witness = lab.agent.startCli({"exec", "-i", "web1", "echo ready; cat"});
  witness.out().until("ready");
  std::minstd_rand random(20261123);
  for (size_t size : {1, 7, 8, 64, 4096, 100'000}) {
    for (int repeat = 0; repeat < 20; ++repeat) {
      UniqueFd socket = connectToAgent(lab.agent);
      sendAll(socket, randomBytes(random, size));
      shutdown(socket.get(), SHUT_WR);
      CHECK(isClosed(socket));
    }
  }
  CHECK(witness.finishWithInput("still here").out == "ready\nstill here");
  CHECK(linesIn(lab.agent.log()) < 5);
}

TEST_CASE("a truncated frame and a huge one end their connection, and nothing else") {
  Lab lab;
  [[maybe_unused]] size_t memory = residentBytes(lab.agent.pid());
  for (uint32_t words : {100u, 1u << 20, 1u << 27, 0xffffffffu}) {
    UniqueFd socket = connectToAgent(lab.agent);
    sendAll(socket, frameHead(words) + std::string(80, '\0'));
    shutdown(socket.get(), SHUT_WR);
    CHECK(isClosed(socket));
  }
  CHECK(residentBytes(lab.agent.pid()) < memory + 16 * 1024 * 1024);
  CHECK(lab.exec("echo fine").out == "fine\n");
}

TEST_CASE("500 silent connections cost next to nothing, and are let go of after ten seconds") {
  Lab lab;
  REQUIRE(lab.exec("true").code == 0);
  [[maybe_unused]] size_t memory = residentBytes(lab.agent.pid());
  std::vector<UniqueFd> silent;
  for (int i = 0; i < 500; ++i) silent.push_back(connectToAgent(lab.agent));
  CHECK(lab.exec("echo fine").out == "fine\n");
#if !__has_feature(address_sanitizer)
  CHECK(residentBytes(lab.agent.pid()) < memory + 500 * 32 * 1024);
#endif
  size_t cpu = cpuMilliseconds(lab.agent.pid());
  for (const UniqueFd& socket : silent) CHECK(isClosed(socket));
  CHECK(cpuMilliseconds(lab.agent.pid()) < cpu + 1000);
  CHECK(lab.exec("echo fine").out == "fine\n");
  CHECK(linesIn(lab.agent.log()) < 8);  // that it is ready, a login, three commands
}

TEST_CASE("a caller of another protocol version gets an answer that says so, and no agent") {
  Lab lab;
  auto io = kj::setupAsyncIo();
  auto stream = io.lowLevelProvider->wrapUnixSocketFd(kj::AutoCloseFd(dup(connectToAgent(lab.agent).get())));
  capnp::TwoPartyClient client(*stream);
  auto request = client.bootstrap().castAs<schema::Door>().helloRequest();
  request.initClient().setProtocol(schema::PROTOCOL_VERSION + 1);
  auto answer = request.send().wait(io.waitScope);
  CHECK(answer.getError().getKind() == ErrorKind::AGENT_UNREACHABLE);
  CHECK(answer.getError().getReason() == Reason::VERSION_MISMATCH);
  CHECK(answer.getDaemon().getPid() == static_cast<uint32_t>(lab.agent.pid()));
  CHECK_FALSE(answer.hasAgent());
}

}  // namespace
}  // namespace cbs::test
