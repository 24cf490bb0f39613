// Writes what a job has printed.
#pragma once

#include "cli/exec/output_target.h"
#include "schema/agent.capnp.h"

namespace cbs::cli {

struct LogFormat {
  bool standardOutput = true;
  bool standardError = true;
  bool timestamps = false;  // before each line
  bool together = false;    // both streams go to the same place
};

class LogWriter {
 public:
  // `target` outlives the writer.
  LogWriter(OutputTarget& target, LogFormat format) : target_(target), format_(format) {}

  // Passes a chunk on to its stream, if that is wanted. Errors are those of OutputTarget::write.
  Task<Expected<void>> write(schema::LogPart::Chunk::Reader chunk);

  // What follows begins a line.
  void restart() { inLine_[0] = inLine_[1] = lineOpen_ = false; }

 private:
  OutputTarget& target_;
  LogFormat format_;
  bool inLine_[2] = {false, false};  // for each stream
  bool lineOpen_ = false;            // where both go: what was written last, whatever its stream, has no newline
};

// `2026-03-01T09:30:00.123Z`, for milliseconds since 1970 (RFC 3339).
std::string timeText(uint64_t ms);

}  // namespace cbs::cli
