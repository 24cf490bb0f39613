#include "agentd/app/program.h"

#include <sys/auxv.h>
#include <unistd.h>

#include <filesystem>
#include <string_view>

namespace cbs::app {
namespace {

// What runs, by the name that it had when it was started.
std::string ownFile() {
  constexpr std::string_view kDeleted = " (deleted)";
  std::error_code error;
  std::string file = std::filesystem::read_symlink("/proc/self/exe", error);
  if (file.ends_with(kDeleted)) file.resize(file.size() - kDeleted.size());
  return file;
}

// The name by which it was started may be a link that leads to another version tomorrow.
std::string ownPath() {
  auto* name = reinterpret_cast<const char*>(getauxval(AT_EXECFN));
  if (name == nullptr) return ownFile();
  std::error_code error;
  std::string path = std::filesystem::absolute(name, error).lexically_normal();
  bool isName = !error && !path.starts_with("/proc/") && !path.starts_with("/dev/");
  return isName && access(path.c_str(), X_OK) == 0 ? path : ownFile();
}

// Descriptors that somebody else had opened for this process.
bool isOfOneStart(std::string_view option) { return option == "--ready-fd" || option == "--handover-fd"; }

}  // namespace

Program programOf(int argc, const char* const* argv) {
  Program program{ownPath(), {}};
  for (int i = 1; i < argc; ++i) {
    std::string_view argument = argv[i];
    if (isOfOneStart(argument)) {
      ++i;
    } else if (!isOfOneStart(argument.substr(0, argument.find('=')))) {
      program.arguments.emplace_back(argument);
    }
  }
  return program;
}

}  // namespace cbs::app
