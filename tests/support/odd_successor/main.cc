// A daemon that says that it could take another one's place, and then does something odd:
//   (nothing)           ends when it is to take over
//   --stopping          tells the other one to end while it is to take over, and ends
//   --stopped-by FILE   tells the other one to end while it takes over, and makes the file when told to end itself
#include "schema/handover.capnp.h"

#include <capnp/rpc-twoparty.h>
#include <fcntl.h>
#include <kj/async-io.h>
#include <signal.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>

namespace {

struct Oddities {
  bool stopping = false;
  const char* stoppedBy = nullptr;
};

class Agent final : public cbs::schema::Agent::Server {
 public:
  explicit Agent(const char* file) : file_(file) {}
  kj::Promise<void> stop(StopContext) override {
    close(open(file_, O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
    return kj::READY_NOW;
  }

 private:
  const char* file_;
};

class Server final : public cbs::schema::Successor::Server {
 public:
  explicit Server(Oddities oddities) : oddities_(oddities) {}

  kj::Promise<void> prepare(PrepareContext context) override {
    predecessor_ = context.getParams().getPredecessor();
    context.getResults().setVersion(cbs::schema::HANDOVER_VERSION);
    return kj::READY_NOW;
  }
  kj::Promise<void> takeOver(TakeOverContext) override {
    if (!oddities_.stopping) _exit(9);
    kill(getppid(), SIGTERM);
    return predecessorHasTurned().then([this]() {
      if (oddities_.stoppedBy == nullptr) _exit(9);
    });
  }
  kj::Promise<void> agent(AgentContext context) override {
    context.getResults().setAgent(kj::heap<Agent>(oddities_.stoppedBy));
    return kj::READY_NOW;
  }

 private:
  // It answers that there is no such method, after it has seen the signal.
  kj::Promise<void> predecessorHasTurned() {
    auto request = predecessor_.typelessRequest(capnp::typeId<cbs::schema::Predecessor>(), 99, nullptr);
    return request.send().ignoreResult().catch_([](kj::Exception&&) {});
  }

  const Oddities oddities_;
  cbs::schema::Predecessor::Client predecessor_ = nullptr;
};

}  // namespace

int main(int argc, char** argv) {
  int link = -1;
  Oddities oddities;
  for (int i = 1; i + 1 < argc; ++i) {
    if (strcmp(argv[i], "--handover-fd") == 0) link = atoi(argv[i + 1]);
    if (strcmp(argv[i], "--stopping") == 0) oddities.stopping = true;
    if (strcmp(argv[i], "--stopped-by") == 0) oddities = {true, argv[i + 1]};
  }
  auto io = kj::setupAsyncIo();
  auto stream = io.lowLevelProvider->wrapSocketFd(link);
  capnp::TwoPartyVatNetwork network(*stream, capnp::rpc::twoparty::Side::SERVER);
  auto system = capnp::makeRpcServer(network, kj::heap<Server>(oddities));
  network.onDisconnect().wait(io.waitScope);
  return 0;
}
