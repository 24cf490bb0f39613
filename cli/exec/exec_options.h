// What `exec` was asked to do.
#pragma once

#include "common/error.h"
#include "schema/agent.capnp.h"

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace cbs::cli {

struct ExecOptions {
  std::string target;
  // One word: a line for the remote shell, which if it is empty runs as the server starts it; several: an argv; none: a
  // login shell.
  std::vector<std::string> command;
  std::vector<std::pair<std::string, std::string>> environment;
  std::string workingDirectory;
  uint64_t timeoutMs = 0;
  uint64_t connectTimeoutMs = 0;
  uint32_t retries = 0;
  schema::Priority priority = schema::Priority::NORMAL;
  bool idempotent = false;
  bool forwardStdin = false;
  bool terminal = false;
  bool askPass = false;
  bool leaveAtSignal = false;           // as LocalEnds has it
  std::string subsystem;                // one of the server's, instead of a command
  std::vector<std::string> sshOptions;  // as ExecRequest has them
  std::string sshConfigFile;
};

// Reads the K=V of an -e; K alone takes the value that it has in our own environment, and nothing if it has none there.
// The error is a sentence about `text`.
tl::expected<void, std::string> addVariable(const std::string& text, ExecOptions& options);

// Fills in the request, but for its output.
void describeExec(const ExecOptions& options, schema::ExecRequest::Builder to);

}  // namespace cbs::cli
