#include "agentd/app/logging.h"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <cstdlib>

namespace cbs::app {
namespace {

spdlog::level::level_enum levelOf(kj::LogSeverity severity) {
  switch (severity) {
    case kj::LogSeverity::DBG:
    case kj::LogSeverity::INFO:
      return spdlog::level::debug;
    case kj::LogSeverity::WARNING:
      return spdlog::level::warn;
    case kj::LogSeverity::ERROR:
      return spdlog::level::err;
    case kj::LogSeverity::FATAL:
      return spdlog::level::critical;
  }
  return spdlog::level::err;
}

}  // namespace

void setUpLog(spdlog::level::level_enum level) {
  bool toJournal = std::getenv("JOURNAL_STREAM") != nullptr;
  auto logger = spdlog::stderr_logger_st("cbsession-agentd");
  logger->set_pattern(toJournal ? "%l: %v" : "%Y-%m-%dT%H:%M:%S.%e %l: %v");
  logger->set_level(level);
  logger->flush_on(spdlog::level::info);
  spdlog::set_default_logger(logger);
}

void LibraryLog::logMessage(kj::LogSeverity severity, const char* file, int line, int, kj::String&& text) {
  spdlog::log(levelOf(severity), "{}:{}: {}", file, line, text.cStr());
}

}  // namespace cbs::app
