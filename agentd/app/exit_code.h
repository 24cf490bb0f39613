// What the daemon exits with.
#pragma once

namespace cbs::app {

enum ExitCode {
  kEnded = 0,           // it was told to end
  kFailed = 1,          // it could not serve
  kUsage = 2,           // the command line or the configuration is wrong
  kAlreadyRunning = 3,  // another one serves this socket
};

}  // namespace cbs::app
