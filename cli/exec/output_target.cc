#include "cli/exec/output_target.h"

#include <unistd.h>

#include <algorithm>

namespace cbs::cli {

LiveOutput::LiveOutput(kj::UnixEventPort& port)
    : stdout_(port, STDOUT_FILENO, StandardStream::Direction::out),
      stderr_(port, STDERR_FILENO, StandardStream::Direction::out) {}

Task<Expected<void>> LiveOutput::write(schema::OutputStream stream, kj::ArrayPtr<const kj::byte> bytes) {
  if (stream == schema::OutputStream::STDOUT) return stdout_.write(bytes);
  return writeError(bytes);
}

Task<Expected<void>> LiveOutput::writeError(kj::ArrayPtr<const kj::byte> bytes) {
  if (!stderrGone_) stderrGone_ = !(co_await stderr_.write(bytes)).has_value();
  co_return Expected<void>();
}

void CapturedOutput::clear() {
  for (Stream& stream : streams_) stream = {};
}

Task<Expected<void>> CapturedOutput::write(schema::OutputStream stream, kj::ArrayPtr<const kj::byte> bytes) {
  Stream& kept = streams_[stream == schema::OutputStream::STDERR ? 1 : 0];
  size_t room = std::min(maxBytes_ - kept.bytes.size(), bytes.size());
  kept.bytes.append(reinterpret_cast<const char*>(bytes.begin()), room);
  kept.truncated |= room < bytes.size();
  co_return Expected<void>();
}

}  // namespace cbs::cli
