// What is asked of the server for what a caller wants to run.
#include "agentd/engine/command_server.h"

#include <capnp/message.h>
#include <catch2/catch_test_macros.hpp>

namespace cbs::engine {
namespace {

using Program = ssh::Channel::Program;

struct Spec {
  capnp::MallocMessageBuilder message;
  schema::CommandSpec::Builder spec = message.initRoot<schema::CommandSpec>();

  Expected<CommandPlan> plan() { return planCommand(spec.asReader()); }
};

TEST_CASE("an empty line is the login shell where it has something to read, and else a mistake") {
  Spec asked;
  CHECK(asked.plan().error().detail == "the command is empty");
  asked.spec.setForwardStdin(true);
  REQUIRE(asked.plan());
  CHECK(asked.plan()->program == Program::SHELL);
  CHECK(asked.plan()->line == "");
  asked.spec.setForwardStdin(false);
  asked.spec.initTerminal().setType("xterm");
  CHECK(asked.plan()->program == Program::SHELL);
  asked.spec.getCommand().setLine(kj::StringPtr("true").asBytes());
  CHECK(asked.plan()->program == Program::EXEC);
}

TEST_CASE("a subsystem has a name, and neither variables nor a working directory") {
  Spec asked;
  asked.spec.getCommand().setSubsystem("sftp");
  REQUIRE(asked.plan());
  CHECK(asked.plan()->program == Program::SUBSYSTEM);
  CHECK(asked.plan()->line == "sftp");
  asked.spec.setWorkingDirectory(kj::StringPtr("/srv").asBytes());
  CHECK(asked.plan().error().kind == ErrorKind::USAGE);
  asked.spec.setWorkingDirectory(nullptr);
  asked.spec.getCommand().setSubsystem("");
  CHECK(asked.plan().error().kind == ErrorKind::USAGE);
}

}  // namespace
}  // namespace cbs::engine
