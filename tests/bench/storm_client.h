// Commands by the thousand through the daemon's RPC: what the CLI does, without a process for each.
#pragma once

#include "common/agent_client.h"
#include "common/task.h"

#include <kj/async-io.h>

#include <memory>
#include <string>
#include <vector>

namespace cbs::bench {

class StormClient {
 public:
  // Says hello to the daemon at `socket` as so many callers; the commands are dealt out among them.
  StormClient(const std::string& socket, int callers);

  // Runs `true` once at each address, at most `jobs` at once. Throws with the first failure, and when it takes longer
  // than ten minutes.
  void runAt(const std::vector<std::string>& addresses, int jobs);

  // What was timed in the last runAt, in milliseconds. The daemon times a command's phases; what is left of the whole
  // is what it took to look the host up and to wait for others.
  struct Times {
    std::vector<double> whole;
    std::vector<double> connect;
    std::vector<double> handshake;
    std::vector<double> authenticate;
    std::vector<double> command;  // from the opening of its channel on
    std::vector<double> hello;    // until a new caller was greeted, fifty times a second
  };
  const Times& times() const { return times_; }

  struct Figures {
    double lagP99Ms;
    double lagMaxMs;
    int connections;  // now
    int created;      // since its start
  };
  Figures figures();

  // Asks nothing of the daemon for so long.
  void idleFor(double seconds);

 private:
  Loop loop() { return {io_.unixEventPort, io_.provider->getTimer(), *io_.lowLevelProvider}; }
  Task<void> work(schema::Agent::Client agent, const std::vector<std::string>& addresses);
  Task<void> runTrue(schema::Agent::Client agent, const std::string& address);
  void note(const std::string& address, double wholeMs, schema::Outcome::Reader outcome);

  void fail(const std::string& address, const std::string& why);
  Task<void> greetAgainAndAgain();

  std::string socket_;
  kj::AsyncIoContext io_;
  std::vector<std::unique_ptr<AgentClient>> callers_;
  size_t next_ = 0;                           // of the addresses
  kj::Own<kj::PromiseFulfiller<void>> fail_;  // the turn
  Times times_;
};

}  // namespace cbs::bench
