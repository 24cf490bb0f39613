#include "agentd/transfer/destination.h"

#include <sys/random.h>

namespace cbs::transfer {
namespace {

// So that the temporary name is no longer than a name may be (255 bytes), however long the file's own is.
constexpr size_t kNameInTemporary = 200;

std::string randomLetters() {
  constexpr char kLetters[] = "abcdefghijklmnopqrstuvwxyz234567";
  unsigned char random[8];
  KJ_SYSCALL(getrandom(random, sizeof(random), 0));
  std::string letters;
  for (unsigned char byte : random) letters += kLetters[byte % 32];
  return letters;
}

Error about(const std::string& path, Reason reason, std::string detail) {
  return Error{ErrorKind::TRANSFER_FAILED, reason, std::move(detail)}.with("remotePath", path);
}

}  // namespace

std::string fromHome(std::string_view path) {
  if (path == "~") path = "";
  if (path.substr(0, 2) == "~/") path.remove_prefix(std::min(path.find_first_not_of('/', 1), path.size()));
  return path.empty() ? "." : std::string(path);
}

std::string folderOf(const std::string& path) {
  size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

std::string temporaryBeside(const std::string& path) {
  size_t slash = path.rfind('/');
  size_t name = slash == std::string::npos ? 0 : slash + 1;
  return path.substr(0, name) + "." + path.substr(name, kNameInTemporary) + ".cbs-" + randomLetters();
}

Task<Expected<std::string>> findDestination(ssh::Sftp& sftp, std::string path, std::string intoDirectoryAs) {
  auto stating = sftp.stat(path);
  auto resolving = sftp.realPath(path);  // at the same time: it costs no round trip of its own
  auto there = co_await stating;
  auto real = co_await resolving;
  std::string resolved = real.value_or(path);
  if (!there) {
    bool isNew = there.error().reason == Reason::NOT_FOUND && path.back() != '/';
    if (!isNew) co_return fail(there.error());
    co_return resolved;
  }
  if (there->isDirectory()) {
    if (intoDirectoryAs.empty()) co_return fail(about(path, Reason::IS_DIRECTORY, path));
    if (resolved.back() != '/') resolved += '/';
    co_return co_await findDestination(sftp, resolved + intoDirectoryAs, "");
  }
  if (!there->isRegular()) co_return fail(about(path, Reason::ALREADY_EXISTS, path + " is not a regular file"));
  co_return resolved;
}

}  // namespace cbs::transfer
