// Files on a host, over SFTP version 3 with OpenSSH's extensions where the server has them.
#pragma once

#include "agentd/ssh/sftp_link.h"

#include <optional>
#include <set>
#include <string>
#include <vector>

namespace cbs::ssh {

// Errors are of kind transferFailed with the fact `remotePath`: notFound, permissionDenied, remoteIo (the server's
// words are the detail), connectionLost; or timedOut when the server stays silent. Operations may run side by side, and
// are given up by being dropped.
class Sftp final : private kj::TaskSet::ErrorHandler {
 public:
  // An open file. It is closed with the channel at the latest.
  struct File {
    std::string path;  // for messages
    std::string handle;
  };

  // Starts SFTP on a fresh channel, which nobody else uses and which outlives the Sftp. Fails with
  // transferFailed/sftpUnavailable, or with lost when the connection breaks before anything was asked.
  static Task<Expected<kj::Own<Sftp>>> start(Loop loop, Channel& channel, kj::Duration silence = SftpLink::kSilence);

  Sftp(Loop loop, Channel& channel, kj::Duration silence) : link_(loop, channel, silence), replacing_(*this) {}
  KJ_DISALLOW_COPY(Sftp);

  // About the file that a path leads to, symbolic links followed.
  Task<Expected<SftpAttributes>> stat(std::string path);
  // About what is at the path itself.
  Task<Expected<SftpAttributes>> linkStat(std::string path);
  Task<Expected<SftpAttributes>> stat(File file);
  // The absolute path, symbolic links resolved where the server does that; the file itself may be missing.
  Task<Expected<std::string>> realPath(std::string path);

  Task<Expected<File>> open(std::string path, uint32_t flags, uint32_t mode = 0);
  Task<Expected<void>> close(File file);
  // At least one byte, at most `length`; none at the end of the file.
  Task<Expected<kj::Array<kj::byte>>> read(File file, uint64_t offset, size_t length);
  Task<Expected<void>> write(File file, uint64_t offset, kj::Array<kj::byte> bytes);
  Task<Expected<void>> setAttributes(File file, SftpAttributes attributes);
  Task<Expected<void>> setAttributes(std::string path, SftpAttributes attributes);
  // Waits until the file is on the disk. Does nothing where the server does not know fsync@openssh.com.
  Task<Expected<void>> sync(File file);

  Task<Expected<void>> remove(std::string path);
  // Replaces what is at `to`: at once, if the server knows posix-rename@openssh.com; else there is a moment without a
  // file, and what was begun is brought to an end even if this is dropped.
  Task<Expected<void>> rename(std::string from, std::string to);
  Task<Expected<void>> makeDirectory(std::string path, uint32_t mode);
  // Fails unless it is empty.
  Task<Expected<void>> removeDirectory(std::string path);
  Task<Expected<File>> openDirectory(std::string path);
  // Some more of the names in a directory, in any order and without `.` and `..`; none (an empty optional) at its end.
  Task<Expected<std::optional<std::vector<SftpName>>>> readDirectory(File directory);
  Task<Expected<std::string>> readLink(std::string path);
  // A symbolic link at `path` that leads to `target`.
  Task<Expected<void>> makeLink(std::string path, std::string target);
  // Another name for a file; fails with remoteIo where the server does not know hardlink@openssh.com.
  Task<Expected<void>> makeHardLink(std::string existing, std::string path);
  // Bytes that are free for this user on the file system of `path`; fails with remoteIo where the server cannot tell.
  Task<Expected<uint64_t>> freeSpace(std::string path);

  // What one read or write may be large. Grows soon after the start, when the server has told its limits.
  size_t maxRead() const { return maxRead_; }
  size_t maxWrite() const { return maxWrite_; }

  // True once nothing can be asked any more.
  bool broken() const { return link_.broken().has_value(); }
  // Why, if so.
  const std::optional<Error>& breakage() const { return link_.broken(); }

 private:
  Task<Expected<void>> greet();
  Task<void> learnLimits();
  Task<Expected<void>> order(SftpType type, std::string body, std::string path, kj::Array<kj::byte> payload = nullptr);
  Task<Expected<SftpMessage>> query(SftpType type, std::string body, std::string path, SftpType expected);
  Task<Expected<SftpAttributes>> attributesBy(SftpType type, std::string body, std::string path);
  Task<Expected<File>> openBy(SftpType type, std::string body, std::string path);
  Task<Expected<void>> plainRename(std::string from, std::string to);
  Task<void> replace(std::string from, std::string to, Error failure,
                     kj::Own<kj::PromiseFulfiller<Expected<void>>> end);
  void taskFailed(kj::Exception&& exception) override;
  bool knows(const char* extension) const { return extensions_.count(extension) != 0; }

  SftpLink link_;
  std::set<std::string> extensions_;
  // Every server takes 32 KiB (draft-ietf-secsh-filexfer-02 §3).
  size_t maxRead_ = 32 * 1024;
  size_t maxWrite_ = 32 * 1024;
  std::optional<Task<void>> limits_;
  kj::TaskSet replacing_;
};

}  // namespace cbs::ssh
