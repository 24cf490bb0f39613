// The line that the remote user's shell gets to run.
#pragma once

#include "common/error.h"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cbs::core {

// All strings are bytes.
struct RemoteCommand {
  std::string line;               // a line for the shell, if there is no argv
  std::vector<std::string> argv;  // words, each to reach the program as it is
  std::vector<std::pair<std::string, std::string>> environment;
  std::string workingDirectory;  // "": where the shell starts, the home; `~` and `~/…` are in the home
};

// The longest line. An SSH server must take a packet with 32,768 bytes of payload (RFC 4253 §6.1), 18 of which an exec
// request needs for itself. A server may end the connection over a larger one, and other commands run on it.
inline constexpr size_t kLongestCommand = 32'750;

// For a POSIX shell. A line alone is passed on untouched. Variables are exported and the directory is entered on lines
// of their own before it, so that whatever a line may hold stays whole; if the directory cannot be entered, the status
// is 126.
//
// Fails with usage/badRequest for an empty command, a NUL byte, a name that no variable can have, and a line that is
// too long.
Expected<std::string> remoteCommandLine(const RemoteCommand& command);

// `word` in a form that a POSIX shell reads as that one word, where it stands after a command's name.
std::string shellQuoted(std::string_view word);

}  // namespace cbs::core
