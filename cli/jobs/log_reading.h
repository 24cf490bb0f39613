// Reads what a job has printed, part by part.
#pragma once

#include "cli/jobs/lasting_connection.h"
#include "cli/jobs/log_writer.h"

namespace cbs::cli {

// What is known of a job's output when reading has come to its end.
struct LogEnd {
  uint32_t attempt = 0;  // whose output it was; 0: there was none
  bool complete = false;
  uint64_t droppedBytes = 0;
};

class LogReading {
 public:
  // `job` is an id. `onAttempt` is called when the output that follows is a later attempt's than what was written.
  LogReading(LastingConnection& connection, std::string job, LogWriter& writer,
             kj::Function<void(uint32_t attempt)> onAttempt)
      : connection_(connection), job_(std::move(job)), writer_(writer), onAttempt_(kj::mv(onAttempt)) {}

  // Writes what there is; with `follow` also what comes until the job has ended. The next part is asked for when the
  // one before has been written. Fails with usage/jobNotFound, as LastingConnection::ask, or as OutputTarget::write.
  Task<Expected<LogEnd>> run(bool follow);

 private:
  using Part = capnp::Response<schema::Agent::ReadLogResults>;
  Task<Expected<Part>> next(uint64_t waitMs);
  Task<Expected<void>> write(schema::LogPart::Reader part);

  LastingConnection& connection_;
  std::string job_;
  LogWriter& writer_;
  kj::Function<void(uint32_t)> onAttempt_;
  uint64_t offset_ = 0;
  LogEnd end_;
};

}  // namespace cbs::cli
