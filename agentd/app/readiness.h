// Tells whoever has started the daemon whether it serves.
#pragma once

#include <kj/io.h>

#include <optional>
#include <string>

namespace cbs::app {

class Readiness {
 public:
  // Takes the descriptor, if there is one.
  explicit Readiness(std::optional<int> fd);

  // Says "ready".
  void announce();

  // Says why not, there and on standard error, line by line under the program's name. Gives `code` back.
  int fail(const std::string& why, int code);

 private:
  void tell(const std::string& text);

  kj::AutoCloseFd fd_;
};

}  // namespace cbs::app
