#include "common/descriptors.h"

#include <kj/io.h>

#include <fcntl.h>

#include <cerrno>
#include <vector>

namespace cbs {

bool isShortage(int errorNumber) {
  return errorNumber == EMFILE || errorNumber == ENFILE || errorNumber == ENOBUFS || errorNumber == ENOMEM;
}

// Opens them: what /proc lists would have to be counted, which takes milliseconds where ten thousand are open.
Expected<void> requireDescriptors(unsigned count) {
  std::vector<kj::AutoCloseFd> opened;
  while (opened.size() < count) {
    int next = opened.empty() ? open("/dev/null", O_RDONLY | O_CLOEXEC) : fcntl(opened.back(), F_DUPFD_CLOEXEC, 0);
    if (next < 0) return fail(ErrorKind::OVERLOADED, Reason::DESCRIPTOR_LIMIT, systemMessage(errno));
    opened.emplace_back(next);
  }
  return {};
}

}  // namespace cbs
