#include "tests/bench/fan_peers.h"

#include "tests/bench/measured_program.h"

namespace cbs::bench {
namespace {

const char* packageOf(FanTool tool) {
  switch (tool) {
    case FanTool::kClush:
      return "clustershell";
    case FanTool::kPdsh:
      return "pdsh";
    case FanTool::kParallelSsh:
      return "pssh";
    case FanTool::kXargs:
      return "findutils";
  }
  return "";
}

std::string firstAddresses(int count) {
  std::string lines;
  for (int index = 0; index < count; ++index) lines += loopbackAddress(index) + "\n";
  return lines;
}

}  // namespace

const char* nameOf(FanTool tool) {
  switch (tool) {
    case FanTool::kClush:
      return "clush";
    case FanTool::kPdsh:
      return "pdsh";
    case FanTool::kParallelSsh:
      return "parallel-ssh";
    case FanTool::kXargs:
      return "xargs ssh";
  }
  return "";
}

bool isHere(FanTool tool) {
  std::string program = tool == FanTool::kXargs ? "xargs" : nameOf(tool);
  test::ChildProcess check({.argv = {"sh", "-c", "command -v " + program}});
  if (check.wait().code == 0) return true;
  printf("%s is not here, and is left out. Next: apt-get install %s\n", nameOf(tool), packageOf(tool));
  return false;
}

FanPeer::FanPeer(FanTool tool, const ManyAddresses& server, const ControlMasters* masters, int jobs)
    : tool_(tool),
      masters_(masters),
      configFile_(masters != nullptr ? masters->configFile() : folder_.write("ssh_config", server.sshConfig())),
      user_(server.user()),
      jobs_(std::to_string(jobs)) {}

std::string FanPeer::name() const { return std::string(nameOf(tool_)) + ", " + jobs_ + " at once"; }

FanCost FanPeer::run(const FanTask& task) {
  auto argv = commandLine(task);
  double before = masters_ == nullptr ? 0 : masters_->cpuMs();
  auto cost = runMeasured(argv, {{"PDSH_SSH_ARGS_APPEND", "-F " + configFile_}, {"HOME", folder_.path()}});
  double mastersCpuMs = masters_ == nullptr ? 0 : masters_->cpuMs() - before;
  return {.seconds = cost.seconds, .cpuMs = cost.cpuMs + mastersCpuMs};
}

// Each exits with what a host's command exits with, or with something else than 0 if one failed.
std::vector<std::string> FanPeer::commandLine(const FanTask& task) const {
  std::string hosts = folder_.write("hosts", firstAddresses(task.hosts));
  switch (tool_) {
    case FanTool::kClush:
      return {"clush", "-S", "-f", jobs_, "-o", "-F " + configFile_, "--hostfile", hosts, task.command};
    case FanTool::kPdsh:
      return {"pdsh", "-S", "-R", "ssh", "-f", jobs_, "-l", user_, "-w", "^" + hosts, task.command};
    case FanTool::kParallelSsh:
      return {"parallel-ssh", "-i", "-t", "0", "-p", jobs_, "-x", "-F " + configFile_, "-h", hosts, task.command};
    case FanTool::kXargs:
      return {"xargs", "-a", hosts, "-P", jobs_, "-I", "HOST", "ssh", "-F", configFile_, "HOST", task.command};
  }
  return {};
}

}  // namespace cbs::bench
