#include "agentd/app/logging.h"

#include "agentd/telemetry/log.h"
#include "agentd/telemetry/log_file.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <iostream>

namespace cbs::app {
namespace {

LogLevel levelOf(kj::LogSeverity severity) {
  switch (severity) {
    case kj::LogSeverity::DBG:
    case kj::LogSeverity::INFO:
      return LogLevel::DEBUG;
    case kj::LogSeverity::WARNING:
      return LogLevel::WARN;
    default:
      return LogLevel::ERROR;
  }
}

// JOURNAL_STREAM is `device:inode` of what systemd has connected to the journal; a child may have got another one.
bool standardErrorIsJournal() {
  const char* stream = std::getenv("JOURNAL_STREAM");
  struct stat status;
  if (stream == nullptr || fstat(STDERR_FILENO, &status) != 0) return false;
  return std::to_string(status.st_dev) + ":" + std::to_string(status.st_ino) == stream;
}

// Its folder is made with mode 0700, as all that the daemon makes.
std::string fileIn(const std::string& folder) {
  if (folder.empty()) return "";
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  return folder + "/agentd.log";
}

}  // namespace

Logging::Logging(const Options& options, const std::string& stateFolder)
    : level_(options.logLevel),
      usualFile_(options.detached ? fileIn(stateFolder) : ""),
      toJournal_(standardErrorIsJournal()) {}

Logging::~Logging() { telemetry::closeLog(); }

void Logging::apply(const Config::Log& config) {
  const LogLevel general = level_.value_or(config.level);
  telemetry::LogSettings settings{
      .levels = {config.app, config.callers, config.commands, config.pool, config.transfers, config.jobs, config.http},
      .format = config.format,
      .file = fileOf(config),
      .maxBytes = config.maxBytes,
      .maxFiles = config.maxFiles};
  for (LogLevel& level : settings.levels) {
    if (level_ || level == LogLevel::UNSET) level = general;
  }
  settings.toJournal = toJournal_ && settings.file.empty();
  telemetry::setUpLog(settings);
}

void Logging::tellFaults(const Config::Log& config) const {
  auto tell = [](const char* what, const std::string& file) {
    auto why = telemetry::whyNotOpened(file);
    if (!why.empty()) std::cerr << "cbsession-agentd: " << what << " cannot be written: " << why << "\n";
  };
  tell("the log", fileOf(config));
  tell("the audit log", config.auditFile);
}

void Logging::reopen() { telemetry::reopenLog(); }

void LibraryLog::logMessage(kj::LogSeverity severity, const char* file, int line, int, kj::String&& text) {
  telemetry::log(telemetry::Category::APP)
      .write(levelOf(severity), "library", {{"place", file}, {"line", line}, {"text", text.cStr()}});
}

}  // namespace cbs::app
