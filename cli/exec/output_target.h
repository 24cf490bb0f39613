// Where a remote command's output goes.
#pragma once

#include "cli/exec/standard_stream.h"
#include "schema/types.capnp.h"

#include <string>

namespace cbs::cli {

class OutputTarget {
 public:
  virtual ~OutputTarget() noexcept(false) = default;

  // Takes all of `bytes`, which live until then. Errors are those of StandardStream::write.
  virtual Task<Expected<void>> write(schema::OutputStream stream, kj::ArrayPtr<const kj::byte> bytes) = 0;
};

// Our own standard output and standard error. A standard error that nobody reads is not worth ending a command for.
class LiveOutput final : public OutputTarget {
 public:
  explicit LiveOutput(kj::UnixEventPort& port);
  Task<Expected<void>> write(schema::OutputStream stream, kj::ArrayPtr<const kj::byte> bytes) override;

 private:
  Task<Expected<void>> writeError(kj::ArrayPtr<const kj::byte> bytes);

  StandardStream stdout_;
  StandardStream stderr_;
  bool stderrGone_ = false;
};

// Keeps the output, up to a bound, and throws away the rest.
class CapturedOutput final : public OutputTarget {
 public:
  static constexpr size_t kMaxBytes = 64 << 20;
  struct Stream {
    std::string bytes;
    bool truncated = false;
  };

  explicit CapturedOutput(size_t maxBytes = kMaxBytes) : maxBytes_(maxBytes) {}
  Task<Expected<void>> write(schema::OutputStream stream, kj::ArrayPtr<const kj::byte> bytes) override;
  void clear();
  const Stream& stream(schema::OutputStream which) const { return streams_[static_cast<size_t>(which)]; }

 private:
  size_t maxBytes_;
  Stream streams_[2];
};

}  // namespace cbs::cli
