// Where the daemon's log goes: standard error, a line an event.
#pragma once

#include <kj/exception.h>
#include <spdlog/common.h>

namespace cbs::app {

// Sets the log up. Under systemd, which adds the time by itself, lines have none.
void setUpLog(spdlog::level::level_enum level);

// Takes what the libraries below would print to standard error into the log, as long as it exists.
class LibraryLog : public kj::ExceptionCallback {
 public:
  // A caller that leaves is an exception in Cap'n Proto, and a trace of the stack costs more than a short command.
  StackTraceMode stackTraceMode() override { return StackTraceMode::NONE; }

  void logMessage(kj::LogSeverity severity, const char* file, int line, int contextDepth, kj::String&& text) override;
};

}  // namespace cbs::app
