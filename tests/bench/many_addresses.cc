#include "tests/bench/many_addresses.h"

#include "tests/bench/process_figures.h"
#include "tests/support/failure.h"

#include <algorithm>

namespace cbs::bench {
namespace {

std::string makeKey(const std::string& file) {
  test::runProgram({"ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "bench", "-f", file});
  return file;
}

constexpr int kInSubnet = 250;  // addresses used of each /24

std::string subnetOf(int index) {
  int subnet = index / kInSubnet;
  return "127." + std::to_string(1 + subnet / 250) + "." + std::to_string(subnet % 250) + ".";
}

// The port that the light server names in its only line of output.
uint16_t readPort(int output) {
  char line[64] = {};
  unsigned port = 0;
  if (!test::waitReadable(output, test::kSoon) || read(output, line, sizeof(line) - 1) <= 0 ||
      sscanf(line, "listening on %u", &port) != 1) {
    test::fail("the light server did not start");
  }
  return static_cast<uint16_t>(port);
}

}  // namespace

std::string loopbackAddress(int index) { return subnetOf(index) + std::to_string(1 + index % kInSubnet); }

std::string loopbackNodeSet(int count) {
  std::string text;
  for (int first = 0; first < count; first += kInSubnet) {
    int last = std::min(kInSubnet, count - first);
    text += (first > 0 ? "," : "") + subnetOf(first) + "[1-" + std::to_string(last) + "]";
  }
  return text;
}

ManyAddresses::ManyAddresses(Kind kind, int processes) {
  if (kind == Kind::kLight) startLight(processes);
  if (kind == Kind::kSshd) startSshd();
}

std::string ManyAddresses::knownHostsFile() const {
  return folder_.write("known_hosts", "[127.*]:" + std::to_string(port_) + " " + hostKey_ + "\n");
}

std::string ManyAddresses::sshConfig() const {
  return "Host 127.*\n  Port " + std::to_string(port_) + "\n  User " + user_ + "\n  IdentityFile " + keyFile_ +
         "\n  IdentitiesOnly yes\n  IdentityAgent none\n  UserKnownHostsFile " + knownHostsFile() +
         "\n  GlobalKnownHostsFile /dev/null\n  StrictHostKeyChecking yes\n";
}

double ManyAddresses::lightCpuMs() const {
  ProcessFigures figures = figuresOf(light_->pid());
  return figures.cpuMs + figures.childrenCpuMs;
}

void ManyAddresses::startLight(int processes) {
  std::string program = CBS_LIGHT_SERVER;
  if (program.empty()) test::fail("the light server needs libssh. Next: apt-get install libssh-dev, or use --sshd");
  std::string hostKeyFile = makeKey(folder_.path("host"));
  hostKey_ = test::readFile(hostKeyFile + ".pub");
  keyFile_ = makeKey(folder_.path("user"));
  user_ = "anyone";
  test::Pipe output = test::makePipe();
  light_ = std::make_unique<test::ChildProcess>(
      test::Program{.argv = {program, hostKeyFile, keyFile_ + ".pub", "0.0.0.0", "0", std::to_string(processes)},
                    .descriptors = {{1, output.write.get()}, {2, STDERR_FILENO}}});
  output.write.close();
  port_ = readPort(output.read.get());
}

void ManyAddresses::startSshd() {
  sshd_ = std::make_unique<test::Sshd>(test::SshdOptions{.address = "0.0.0.0"});
  port_ = sshd_->port();
  user_ = sshd_->user();
  keyFile_ = sshd_->keyFile();
  hostKey_ = sshd_->hostKey();
}

}  // namespace cbs::bench
