#include "cli/ssh/real_ssh.h"

#include "common/error.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <string_view>
#include <vector>

namespace cbs::cli {
namespace {

// How many of us may stand between a program and its ssh: a script that calls us may be what PATH has as `ssh`, and a
// ProxyCommand of the real ssh may be us once more.
constexpr int kDeepest = 5;
constexpr auto kDepth = "CBSESSION_SSH_DEPTH";

bool isThisProgram(const struct stat& info) {
  struct stat ours;
  return stat("/proc/self/exe", &ours) == 0 && ours.st_dev == info.st_dev && ours.st_ino == info.st_ino;
}

bool isAnother(const std::string& path) {
  struct stat info;
  return stat(path.c_str(), &info) == 0 && S_ISREG(info.st_mode) && access(path.c_str(), X_OK) == 0 &&
         !isThisProgram(info);
}

std::string findInPath(const std::string& name) {
  if (name.find('/') != name.npos) return isAnother(name) ? name : "";
  const char* path = getenv("PATH");
  std::string_view rest = path == nullptr ? "/usr/bin:/bin" : path;
  while (!rest.empty()) {
    auto folder = rest.substr(0, rest.find(':'));
    rest.remove_prefix(std::min(rest.size(), folder.size() + 1));
    auto candidate = std::string(folder.empty() ? "." : folder) + "/" + name;
    if (isAnother(candidate)) return candidate;
  }
  return "";
}

}  // namespace

std::string realSsh() {
  const char* named = getenv("CBSESSION_SSH");
  return findInPath(named == nullptr || *named == '\0' ? "ssh" : named);
}

StartSignals::StartSignals() {
  sigprocmask(SIG_SETMASK, nullptr, &blocked_);
  sigaction(SIGPIPE, nullptr, &brokenPipe_);
}

void StartSignals::restore() const {
  sigaction(SIGPIPE, &brokenPipe_, nullptr);
  sigprocmask(SIG_SETMASK, &blocked_, nullptr);
}

std::string becomeSsh(const std::string& program, const Arguments& arguments, const StartSignals& signals) {
  const char* depth = getenv(kDepth);
  int next = (depth == nullptr ? 0 : std::atoi(depth)) + 1;
  if (next > kDeepest) return program + " leads back here";
  setenv(kDepth, std::to_string(next).c_str(), 1);
  std::vector<char*> words = {const_cast<char*>("ssh")};
  for (const std::string& argument : arguments) words.push_back(const_cast<char*>(argument.c_str()));
  words.push_back(nullptr);
  signals.restore();
  execv(program.c_str(), words.data());
  return program + ": " + systemMessage(errno);
}

}  // namespace cbs::cli
