// What each of many hosts has printed, until it is its turn to be shown.
#pragma once

#include "cli/exec/output_target.h"
#include "cli/fanout/spool.h"

#include <unordered_map>

namespace cbs::cli {

class KeptOutput {
 public:
  // Of a stream no more than `most` bytes are kept, and one that says that there was more.
  explicit KeptOutput(uint64_t most = kAll) : most_(most) {}

  // Errors are the spool's, here and below.
  Expected<void> append(uint32_t host, schema::OutputStream stream, kj::ArrayPtr<const kj::byte> bytes);

  const Spool::Text& text(uint32_t host, schema::OutputStream stream) const;
  const Spool& spool() const { return spool_; }

  void drop(uint32_t host);

 private:
  static constexpr uint64_t kAll = uint64_t{1} << 62;
  struct Streams {
    Spool::Text texts[2];
  };

  uint64_t most_;
  Spool spool_;
  std::unordered_map<uint32_t, Streams> hosts_;
};

}  // namespace cbs::cli
