// The daemon's door for whoever watches it: metrics and health over HTTP.
#pragma once

#include "agentd/http/guests.h"
#include "agentd/http/listening_socket.h"
#include "common/loop.h"

namespace cbs::http {

// Serves at `address`, which is `http.listen`, as long as it exists. If nobody can listen there now, that is logged and
// tried again: after a second, then less and less often, down to every 30 seconds. What is told comes from `agent`.
class Entrance {
 public:
  // `metrics` outlives it.
  Entrance(Loop loop, std::string address, schema::Agent::Client agent, const Config::Metrics& metrics);

  // Why nothing is served; "" if it is.
  const std::string& fault() const { return fault_; }

 private:
  Task<void> run();
  Task<void> listen(ListenAddress address);
  Task<Error> acceptUntilItFails(int socket);
  Task<void> accept(int socket);
  Task<void> acceptWhatIsThere(int socket);
  void noteFault(const Error& error);

  Loop loop_;
  std::string address_;
  std::string fault_;
  HeaderTable headers_;
  Traffic traffic_;
  Pages pages_;
  House house_;
  Guests guests_;
  kj::Promise<void> running_;
};

}  // namespace cbs::http
