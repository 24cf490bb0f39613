#include "cli/run.h"

#include <fcntl.h>
#include <unistd.h>

#include <string>
#include <string_view>
#include <vector>

namespace {

// A standard stream that was closed for us would be taken by the next file we open, and written to. It is opened the
// wrong way round, so that using it fails as it should.
void occupyStandardStreams() {
  for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; ++fd) {
    if (fcntl(fd, F_GETFD) < 0) open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY);
  }
}

// Programs that take a program to run in ssh's place, and no words of a command line (scp -S), call us by a name of
// that kind.
std::vector<std::string> argumentsOf(int argc, char** argv) {
  std::string_view name = argc > 0 ? argv[0] : "";
  name.remove_prefix(name.rfind('/') + 1);
  std::vector<std::string> arguments(argv + (argc > 0 ? 1 : 0), argv + argc);
  if (name == "cbsession-ssh" || name == "ssh") arguments.insert(arguments.begin(), "ssh");
  return arguments;
}

}  // namespace

// Ends without the destructors of static objects: nothing is left to be written.
int main(int argc, char** argv) {
  occupyStandardStreams();
  _exit(cbs::cli::run(argumentsOf(argc, argv)));
}
