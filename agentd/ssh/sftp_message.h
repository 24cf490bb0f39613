// The messages of SFTP version 3 (draft-ietf-secsh-filexfer-02), which is what OpenSSH speaks.
#pragma once

#include "agentd/core/wire.h"
#include "common/error.h"

#include <kj/array.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace cbs::ssh {

enum class SftpType : uint8_t {
  INIT = 1,
  VERSION = 2,
  OPEN = 3,
  CLOSE = 4,
  READ = 5,
  WRITE = 6,
  LSTAT = 7,
  FSTAT = 8,
  SETSTAT = 9,
  FSETSTAT = 10,
  OPENDIR = 11,
  READDIR = 12,
  REMOVE = 13,
  MKDIR = 14,
  RMDIR = 15,
  REALPATH = 16,
  STAT = 17,
  RENAME = 18,
  READLINK = 19,
  SYMLINK = 20,
  STATUS = 101,
  HANDLE = 102,
  DATA = 103,
  NAME = 104,
  ATTRS = 105,
  EXTENDED = 200,
  EXTENDED_REPLY = 201,
};

enum class SftpStatus : uint32_t {
  OK = 0,
  END_OF_FILE = 1,
  NO_SUCH_FILE = 2,
  PERMISSION_DENIED = 3,
  FAILURE = 4,  // anything else that the server's system did not like: a full disk, a directory in the way, …
};

// How a file is to be opened (SSH_FXF_*).
enum SftpOpenFlags : uint32_t {
  SFTP_READ = 0x01,
  SFTP_WRITE = 0x02,
  SFTP_CREATE = 0x08,
  SFTP_TRUNCATE = 0x10,
  SFTP_EXCLUSIVE = 0x20,
};

// What a server says, or is told, about a file; what is absent is unknown, or stays as it is.
struct SftpAttributes {
  std::optional<uint64_t> size;
  std::optional<uint32_t> mode;   // with the file's type (S_IFMT)
  std::optional<uint32_t> mtime;  // seconds since 1970; as an order it sets the time of access, too
  struct Owner {
    uint32_t uid = 0;
    uint32_t gid = 0;
    bool operator==(const Owner&) const = default;
  };
  std::optional<Owner> owner;  // never ordered

  bool isDirectory() const;
  bool isLink() const;
  // A server that does not tell the type is taken at its word that the file can be read.
  bool isRegular() const;
  bool operator==(const SftpAttributes&) const = default;
};

// One name in a directory.
struct SftpName {
  std::string name;      // as the server has it: it may be anything
  std::string longName;  // as `ls -l` would print it, for people
  SftpAttributes attributes;
};

// A message as it has arrived: the body is what comes after the request's number.
struct SftpMessage {
  SftpType type;
  uint32_t id;
  kj::Array<kj::byte> body;

  core::WireReader reader() const {
    return core::WireReader({reinterpret_cast<const char*>(body.begin()), body.size()});
  }
};

// The bytes of a message whose body is `body` followed by `payload` bytes that are sent after it.
kj::Array<kj::byte> frameSftp(SftpType type, uint32_t id, std::string_view body, size_t payload);

void writeAttributes(core::WireWriter& to, const SftpAttributes& attributes);
SftpAttributes readAttributes(core::WireReader& from);

// The error for a status other than OK, about the file at `path`.
Error sftpError(uint32_t status, std::string_view words, const std::string& path);

}  // namespace cbs::ssh
