// Servers that are no use, each in its own way.
#pragma once

#include "tests/support/unique_fd.h"

#include <cstdint>
#include <string>
#include <thread>
#include <vector>

namespace cbs::test {

// Listens on a port of 127.0.0.1 and treats everyone who connects alike. Ends with the object.
class BadServer {
 public:
  enum class Manner {
    kRefuses,             // nobody listens; the port stays taken
    kNeverAnswers,        // the connection is never made: packets to it are dropped
    kStaysSilent,         // accepts, and says nothing
    kClosesAtOnce,        // accepts, and closes
    kSendsGarbage,        // a greeting that is not SSH's
    kClosesAfterBanner,   // greets as an SSH server, then closes
    kClosesAfterKexInit,  // … proposes algorithms, then closes
    kSilentAfterBanner,   // greets as an SSH server, then says nothing
  };

  explicit BadServer(Manner manner);
  ~BadServer();
  BadServer(const BadServer&) = delete;
  BadServer& operator=(const BadServer&) = delete;

  uint16_t port() const { return port_; }

 private:
  void serve();
  void treat(UniqueFd connection);

  Manner manner_;
  UniqueFd listener_;
  uint16_t port_;
  std::vector<UniqueFd> kept_;  // connections that stay open
  UniqueFd endRead_;            // readable once the object goes
  UniqueFd endWrite_;
  std::thread thread_;
};

}  // namespace cbs::test
