#include "cli/run.h"

#include <fcntl.h>
#include <unistd.h>

namespace {

// A standard stream that was closed for us would be taken by the next file we open, and written to. It is opened the
// wrong way round, so that using it fails as it should.
void occupyStandardStreams() {
  for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; ++fd) {
    if (fcntl(fd, F_GETFD) < 0) open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY);
  }
}

}  // namespace

// Ends without the destructors of static objects: nothing is left to be written.
int main(int argc, char** argv) {
  occupyStandardStreams();
  _exit(cbs::cli::run({argv + 1, argv + (argc > 0 ? argc : 1)}));
}
