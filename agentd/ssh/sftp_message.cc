#include "agentd/ssh/sftp_message.h"

#include <sys/stat.h>

#include <cstring>

namespace cbs::ssh {
namespace {

// Which attributes follow (SSH_FILEXFER_ATTR_*).
constexpr uint32_t kSize = 0x01;
constexpr uint32_t kOwner = 0x02;
constexpr uint32_t kMode = 0x04;
constexpr uint32_t kTimes = 0x08;

constexpr uint32_t kExtended = 0x80000000;

constexpr size_t kTypeAndId = 1 + 4;

// Of what a server says about a failure.
constexpr size_t kMostWords = 500;

}  // namespace

bool SftpAttributes::isDirectory() const { return mode && S_ISDIR(*mode); }
bool SftpAttributes::isLink() const { return mode && S_ISLNK(*mode); }
bool SftpAttributes::isRegular() const { return !mode || (*mode & S_IFMT) == 0 || S_ISREG(*mode); }

kj::Array<kj::byte> frameSftp(SftpType type, uint32_t id, std::string_view body, size_t payload) {
  core::WireWriter head;
  head.uint32(static_cast<uint32_t>(kTypeAndId + body.size() + payload)).byte(static_cast<uint8_t>(type)).uint32(id);
  auto frame = kj::heapArray<kj::byte>(head.bytes().size() + body.size());
  std::memcpy(frame.begin(), head.bytes().data(), head.bytes().size());
  std::memcpy(frame.begin() + head.bytes().size(), body.data(), body.size());
  return frame;
}

void writeAttributes(core::WireWriter& to, const SftpAttributes& attributes) {
  to.uint32((attributes.size ? kSize : 0) | (attributes.mode ? kMode : 0) | (attributes.mtime ? kTimes : 0));
  if (attributes.size) to.uint64(*attributes.size);
  if (attributes.mode) to.uint32(*attributes.mode);
  if (attributes.mtime) to.uint32(*attributes.mtime).uint32(*attributes.mtime);
}

SftpAttributes readAttributes(core::WireReader& from) {
  SftpAttributes attributes;
  uint32_t present = from.uint32();
  if (present & kSize) attributes.size = from.uint64();
  if (present & kOwner) {
    const uint32_t uid = from.uint32();
    attributes.owner = SftpAttributes::Owner{uid, from.uint32()};
  }
  if (present & kMode) attributes.mode = from.uint32();
  if (present & kTimes) {
    from.skip(4);  // of access
    attributes.mtime = from.uint32();
  }
  if (present & kExtended) {
    for (uint32_t pairs = from.uint32(); pairs > 0 && from.ok(); --pairs) {
      from.string();
      from.string();
    }
  }
  return attributes;
}

Error sftpError(uint32_t status, std::string_view words, const std::string& path) {
  Reason reason = Reason::REMOTE_IO;
  std::string detail = path;
  if (status == static_cast<uint32_t>(SftpStatus::NO_SUCH_FILE)) {
    reason = Reason::NOT_FOUND;
  } else if (status == static_cast<uint32_t>(SftpStatus::PERMISSION_DENIED)) {
    reason = Reason::PERMISSION_DENIED;
  } else {
    detail += ": ";
    detail += words.empty() ? "SFTP status " + std::to_string(status) : std::string(words.substr(0, kMostWords));
  }
  return Error{ErrorKind::TRANSFER_FAILED, reason, std::move(detail)}.with("remotePath", path);
}

}  // namespace cbs::ssh
