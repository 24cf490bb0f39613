#include "agentd/telemetry/process_stats.h"

#include <dirent.h>
#include <fcntl.h>
#include <kj/io.h>
#include <malloc.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <ctime>
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

uint32_t maxDescriptors() {
  rlimit limit = {};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return 0;
  return static_cast<uint32_t>(std::min<rlim_t>(limit.rlim_cur, UINT32_MAX));
}

uint32_t listedDescriptors() {
  DIR* folder = opendir("/proc/self/fd");
  if (folder == nullptr) return errno == EMFILE ? maxDescriptors() : 0;  // all are in use
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

int64_t clockUs(clockid_t clock) {
  timespec now = {};
  clock_gettime(clock, &now);
  return int64_t{now.tv_sec} * 1'000'000 + now.tv_nsec / 1000;
}

int64_t clockMs(clockid_t clock) { return clockUs(clock) / 1000; }

// The allocator counts its free pieces one by one: 200,000 of them, as many connections may leave behind, took 40 ms.
// When that takes long, it is not done again before many times as long have passed.
uint64_t heapBytes() {
  constexpr int64_t kLongUs = 200, kPauseTimes = 10'000;
  static uint64_t known = 0;
  static int64_t knownUntilUs = 0;
  if (clockUs(CLOCK_MONOTONIC) < knownUntilUs) return known;
  const int64_t start = clockUs(CLOCK_THREAD_CPUTIME_ID);
  auto heap = mallinfo2();
  const int64_t took = clockUs(CLOCK_THREAD_CPUTIME_ID) - start;
  known = heap.uordblks + heap.hblkhd;
  knownUntilUs = took < kLongUs ? 0 : clockUs(CLOCK_MONOTONIC) + took * kPauseTimes;
  return known;
}

// The 22nd field of proc(5)'s stat, in ticks since the machine's start. The second, in parentheses, may hold anything.
uint64_t startTicks() {
  std::string stat = readSmallFile("/proc/self/stat");
  size_t at = stat.rfind(')');
  for (int field = 2; field < 22 && at != stat.npos; ++field) at = stat.find(' ', at + 1);
  return at == stat.npos ? 0 : std::strtoull(stat.c_str() + at, nullptr, 10);
}

uint64_t startedMs() {
  uint64_t ticks = startTicks();
  long perSecond = sysconf(_SC_CLK_TCK);
  if (ticks == 0 || perSecond <= 0) return 0;
  int64_t age = clockMs(CLOCK_BOOTTIME) - static_cast<int64_t>(ticks * 1000 / static_cast<uint64_t>(perSecond));
  return static_cast<uint64_t>(clockMs(CLOCK_REALTIME) - age);
}

}  // namespace

ProcessStats readProcessStats() {
  static const uint64_t started = startedMs();  // a clock that is set makes it no other
  std::string status = readSmallFile("/proc/self/status");
  return {.startedMs = started,
          .residentBytes = numberAfter(status, "VmRSS:") * 1024,
          .virtualBytes = numberAfter(status, "VmSize:") * 1024,
          .heapBytes = heapBytes(),
          .cpuMs = cpuMs(),
          .openDescriptors = openDescriptors(),
          .maxDescriptors = maxDescriptors(),
          .threads = static_cast<uint32_t>(numberAfter(status, "Threads:"))};
}

}  // namespace cbs::telemetry
