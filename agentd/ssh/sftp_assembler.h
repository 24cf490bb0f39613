// Puts SFTP messages together from a stream of bytes.
#pragma once

#include "agentd/ssh/sftp_message.h"

#include <kj/function.h>

namespace cbs::ssh {

class SftpAssembler {
 public:
  // Calls `deliver` for each message that is complete now. False: the stream is not SFTP, or a message is larger than
  // any that was asked for.
  bool take(kj::ArrayPtr<const kj::byte> bytes, kj::FunctionParam<void(SftpMessage)> deliver);

 private:
  static constexpr size_t kHeader = 4 + 1 + 4;  // length, type, number of the request

  bool takeHeader(kj::ArrayPtr<const kj::byte>& bytes);

  kj::byte header_[kHeader];
  size_t headerFilled_ = 0;
  SftpMessage message_{SftpType::STATUS, 0, nullptr};
  size_t bodyFilled_ = 0;
};

}  // namespace cbs::ssh
