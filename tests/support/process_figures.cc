#include "tests/support/process_figures.h"

#include "tests/support/temp_folder.h"

#include <unistd.h>

#include <filesystem>
#include <sstream>

namespace cbs::test {
namespace {

std::string processFile(pid_t pid, const char* name) { return "/proc/" + std::to_string(pid) + "/" + name; }

}  // namespace

size_t residentBytes(pid_t pid) {
  std::istringstream figures(readFile(processFile(pid, "statm")));
  size_t total = 0;
  size_t resident = 0;
  figures >> total >> resident;
  return resident * static_cast<size_t>(sysconf(_SC_PAGESIZE));
}

size_t openDescriptors(pid_t pid) {
  auto entries = std::filesystem::directory_iterator(processFile(pid, "fd"));
  return static_cast<size_t>(std::distance(begin(entries), end(entries)));
}

size_t cpuMilliseconds(pid_t pid) {
  std::string line = readFile(processFile(pid, "stat"));
  std::istringstream fields(line.substr(line.rfind(')') + 2));
  std::string skipped;
  for (int field = 3; field < 14; ++field) fields >> skipped;  // proc(5): utime is field 14
  size_t user = 0;
  size_t system = 0;
  fields >> user >> system;
  return (user + system) * 1000 / static_cast<size_t>(sysconf(_SC_CLK_TCK));
}

}  // namespace cbs::test
