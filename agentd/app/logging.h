// Where the daemon's log goes, and what of it.
#pragma once

#include "agentd/app/options.h"
#include "common/config_types.h"

#include <kj/exception.h>

#include <optional>
#include <string>

namespace cbs::app {

// The log of the process, as long as this exists; there is one.
class Logging {
 public:
  // `stateFolder` has the log of a daemon that nobody reads standard error of.
  Logging(const Options& options, const std::string& stateFolder);
  ~Logging();
  KJ_DISALLOW_COPY(Logging);

  // From now on it is as the configuration says. A level of the command line or the environment stands above it.
  void apply(const Config::Log& config);

  // Tells on standard error of files that cannot be written, which is told in no log. For the start; may block.
  void tellFaults(const Config::Log& config) const;

  // For files that were moved away.
  void reopen();

 private:
  // "": standard error.
  const std::string& fileOf(const Config::Log& config) const { return config.file.empty() ? usualFile_ : config.file; }

  std::optional<LogLevel> level_;
  std::string usualFile_;
  bool toJournal_;
};

// Takes what the libraries below would print to standard error into the log, as long as it exists.
class LibraryLog : public kj::ExceptionCallback {
 public:
  // A caller that leaves is an exception in Cap'n Proto, and a trace of the stack costs more than a short command.
  StackTraceMode stackTraceMode() override { return StackTraceMode::NONE; }

  void logMessage(kj::LogSeverity severity, const char* file, int line, int contextDepth, kj::String&& text) override;
};

}  // namespace cbs::app
