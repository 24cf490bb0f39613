#include "agentd/ssh/sftp_assembler.h"

#include <algorithm>
#include <cstring>

namespace cbs::ssh {
namespace {

// OpenSSH sends no message that is larger (SFTP_MAX_MSG_LENGTH).
constexpr uint32_t kMaxMessage = 256 * 1024;

// Moves the front of `from` into the rest of `to`, and gives how many bytes that were.
size_t fill(kj::ArrayPtr<kj::byte> to, kj::ArrayPtr<const kj::byte>& from) {
  size_t count = std::min(to.size(), from.size());
  if (count > 0) std::memcpy(to.begin(), from.begin(), count);
  from = from.slice(count, from.size());
  return count;
}

}  // namespace

bool SftpAssembler::take(kj::ArrayPtr<const kj::byte> bytes, kj::FunctionParam<void(SftpMessage)> deliver) {
  while (bytes.size() > 0) {
    if (headerFilled_ < kHeader) {
      if (!takeHeader(bytes)) return false;
      if (headerFilled_ < kHeader) return true;
    }
    bodyFilled_ += fill(message_.body.slice(bodyFilled_, message_.body.size()), bytes);
    if (bodyFilled_ < message_.body.size()) return true;
    headerFilled_ = 0;
    bodyFilled_ = 0;
    deliver(kj::mv(message_));
  }
  return true;
}

bool SftpAssembler::takeHeader(kj::ArrayPtr<const kj::byte>& bytes) {
  headerFilled_ += fill(kj::arrayPtr(header_ + headerFilled_, kHeader - headerFilled_), bytes);
  if (headerFilled_ < kHeader) return true;
  core::WireReader reader({reinterpret_cast<const char*>(header_), kHeader});
  uint32_t length = reader.uint32();
  if (length < kHeader - 4 || length > kMaxMessage) return false;
  message_.type = static_cast<SftpType>(reader.byte());
  message_.id = reader.uint32();
  message_.body = kj::heapArray<kj::byte>(length - (kHeader - 4));
  return true;
}

}  // namespace cbs::ssh
