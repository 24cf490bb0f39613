#include "agentd/identity/known_hosts_writer.h"

#include "agentd/identity/known_hosts_file.h"
#include "agentd/identity/public_key.h"

#include <fcntl.h>
#include <kj/io.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <filesystem>
#include <thread>

namespace cbs::identity {
namespace {

constexpr auto kLockTimeout = std::chrono::seconds(5);
constexpr auto kLockRetry = std::chrono::milliseconds(10);

tl::unexpected<Error> cannotWrite(const std::string& path, int error) {
  return fail(ErrorKind::INTERNAL, Reason::LOCAL_IO, "cannot add to " + path + ": " + systemMessage(error));
}

// Gives errno, or 0 when the lock is held. There is no flock() with a deadline.
int lock(int file) {
  auto deadline = std::chrono::steady_clock::now() + kLockTimeout;
  while (flock(file, LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK && errno != EINTR) return errno;
    if (std::chrono::steady_clock::now() > deadline) return EWOULDBLOCK;
    std::this_thread::sleep_for(kLockRetry);
  }
  return 0;
}

bool endsInLine(int file) {
  struct stat status;
  if (fstat(file, &status) != 0 || !S_ISREG(status.st_mode) || status.st_size == 0) return true;
  char last = '\n';
  return pread(file, &last, 1, status.st_size - 1) != 1 || last == '\n';
}

std::string lineFor(const NewKnownHost& host) {
  auto name = host.hash ? hashedName(host.name) : host.name;
  return name + " " + std::string(keyTypeOf(host.blob)) + " " + encodeBase64(host.blob) + "\n";
}

// Lines of authorities, and of keys that are revoked, say nothing about which key is the host's.
bool knowsKeyOf(const KnownHostsFile& file, const std::string& name) {
  auto keys = file.find(name);
  return std::any_of(keys.begin(), keys.end(),
                     [](const KnownKey* key) { return key->marker == KnownKey::Marker::NONE; });
}

void makeFolder(const std::string& path) {
  auto folder = std::filesystem::path(path).parent_path();
  if (!folder.empty()) mkdir(folder.c_str(), 0700);
}

}  // namespace

Expected<void> appendKnownHost(const NewKnownHost& host) {
  makeFolder(host.path);
  kj::AutoCloseFd file(open(host.path.c_str(), O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC, 0600));
  if (file.get() < 0) return cannotWrite(host.path, errno);
  if (int error = lock(file)) return cannotWrite(host.path, error);
  auto known = KnownHostsFile::read(host.path);
  if (!known) return fail(std::move(known.error()));
  if (knowsKeyOf(*known, host.name)) return {};

  // One write: a reader never sees half a line but for a full disk.
  auto line = (endsInLine(file) ? "" : "\n") + lineFor(host);
  if (write(file, line.data(), line.size()) != static_cast<ssize_t>(line.size())) return cannotWrite(host.path, errno);
  return {};
}

}  // namespace cbs::identity
