#include "agentd/telemetry/process_stats.h"

#include <dirent.h>
#include <fcntl.h>
#include <kj/io.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <string>
#include <string_view>

namespace cbs::telemetry {
namespace {

constexpr uint32_t kMostListed = 1000;

std::string readSmallFile(const char* path) {
  int opened = open(path, O_RDONLY | O_CLOEXEC);
  if (opened < 0) return {};
  kj::AutoCloseFd file(opened);
  char buffer[4096];
  ssize_t length = read(file, buffer, sizeof(buffer));
  return length > 0 ? std::string(buffer, static_cast<size_t>(length)) : std::string();
}

// The number behind `label` in a text such as /proc/self/status, or 0.
uint64_t numberAfter(const std::string& text, const char* label) {
  auto found = text.find(label);
  return found == text.npos ? 0 : std::strtoull(text.c_str() + found + std::string_view(label).size(), nullptr, 10);
}

uint32_t listedDescriptors() {
  DIR* folder = opendir("/proc/self/fd");
  if (folder == nullptr) return 0;
  uint32_t entries = 0;
  while (entries < kMostListed + 3 && readdir(folder) != nullptr) ++entries;
  closedir(folder);
  return entries < 3 ? 0 : entries - 3;  // without ".", ".." and the folder's own
}

uint32_t lowestFreeDescriptor() {
  int opened = open("/dev/null", O_RDONLY | O_CLOEXEC);
  if (opened < 0) return 0;
  kj::AutoCloseFd descriptor(opened);
  return static_cast<uint32_t>(opened);
}

uint32_t openDescriptors() {
  struct stat status = {};
  if (stat("/proc/self/fd", &status) == 0 && status.st_size > 0) return static_cast<uint32_t>(status.st_size);
  uint32_t listed = listedDescriptors();
  return listed < kMostListed ? listed : std::max(listed, lowestFreeDescriptor());
}

uint64_t milliseconds(const timeval& time) {
  return static_cast<uint64_t>(time.tv_sec) * 1000 + static_cast<uint64_t>(time.tv_usec) / 1000;
}

uint64_t cpuMs() {
  rusage usage = {};
  if (getrusage(RUSAGE_SELF, &usage) != 0) return 0;
  return milliseconds(usage.ru_utime) + milliseconds(usage.ru_stime);
}

uint32_t maxDescriptors() {
  rlimit limit = {};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return 0;
  return static_cast<uint32_t>(std::min<rlim_t>(limit.rlim_cur, UINT32_MAX));
}

}  // namespace

ProcessStats readProcessStats() {
  std::string status = readSmallFile("/proc/self/status");
  return {.residentBytes = numberAfter(status, "VmRSS:") * 1024,
          .cpuMs = cpuMs(),
          .openDescriptors = openDescriptors(),
          .maxDescriptors = maxDescriptors(),
          .threads = static_cast<uint32_t>(numberAfter(status, "Threads:"))};
}

}  // namespace cbs::telemetry
