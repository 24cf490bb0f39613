#include "agentd/app/readiness.h"

#include <fcntl.h>
#include <unistd.h>

#include <iostream>
#include <sstream>

namespace cbs::app {

Readiness::Readiness(std::optional<int> fd) : fd_(fd.value_or(-1)) {
  if (fd) fcntl(*fd, F_SETFD, FD_CLOEXEC);
}

void Readiness::announce() { tell("ready\n"); }

int Readiness::fail(const std::string& why, int code) {
  std::istringstream lines(why);
  for (std::string line; std::getline(lines, line);) std::cerr << "cbsession-agentd: " << line << "\n";
  tell(why + "\n");
  return code;
}

// One who does not listen any more misses nothing.
void Readiness::tell(const std::string& text) {
  if (fd_ == nullptr) return;
  (void)!write(fd_, text.data(), text.size());
  fd_ = nullptr;
}

}  // namespace cbs::app
