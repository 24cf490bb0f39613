// What this program does when ssh-add runs it for a passphrase.
#pragma once

namespace cbs::app {

// In its environment: it was started for that.
constexpr const char* kAskpassVariable = "CBSESSION_AGENTD_ASKPASS";

bool isAskpass();

// Copies the first line of standard input, which the daemon has written, to standard output. Gives the exit code.
int runAskpass();

}  // namespace cbs::app
