#include "agentd/telemetry/log.h"

#include "agentd/telemetry/line_writer.h"

#include <spdlog/logger.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/base_sink.h>

#include <memory>
#include <optional>
#include <utility>

namespace cbs::telemetry {
namespace {

constexpr std::array<const char*, kCategories> kNames = {"app",       "callers", "commands", "pool",
                                                         "transfers", "jobs",    "http"};

spdlog::level::level_enum levelOf(LogLevel level) {
  switch (level) {
    case LogLevel::DEBUG:
      return spdlog::level::debug;
    case LogLevel::INFO:
    case LogLevel::UNSET:
      return spdlog::level::info;
    case LogLevel::WARN:
      return spdlog::level::warn;
    case LogLevel::ERROR:
      return spdlog::level::err;
    case LogLevel::OFF:
      return spdlog::level::off;
  }
  return spdlog::level::info;
}

// The level in the words of the configuration.
class LevelFlag final : public spdlog::custom_flag_formatter {
 public:
  void format(const spdlog::details::log_msg& message, const std::tm&, spdlog::memory_buf_t& to) override {
    std::string_view name = message.level == spdlog::level::debug  ? "debug"
                            : message.level == spdlog::level::info ? "info"
                            : message.level == spdlog::level::warn ? "warn"
                                                                   : "error";
    to.append(name.data(), name.data() + name.size());
  }
  std::unique_ptr<spdlog::custom_flag_formatter> clone() const override { return std::make_unique<LevelFlag>(); }
};

// The priority of syslog(3).
class PriorityFlag final : public spdlog::custom_flag_formatter {
 public:
  void format(const spdlog::details::log_msg& message, const std::tm&, spdlog::memory_buf_t& to) override {
    to.push_back(message.level == spdlog::level::debug  ? '7'
                 : message.level == spdlog::level::info ? '6'
                 : message.level == spdlog::level::warn ? '4'
                                                        : '3');
  }
  std::unique_ptr<spdlog::custom_flag_formatter> clone() const override { return std::make_unique<PriorityFlag>(); }
};

std::unique_ptr<spdlog::formatter> formatterOf(const LogSettings& settings) {
  auto formatter = std::make_unique<spdlog::pattern_formatter>();
  formatter->add_flag<LevelFlag>('*').add_flag<PriorityFlag>('N');
  if (settings.format == LogFormat::JSON) {
    formatter->set_pattern(R"({"time":"%Y-%m-%dT%H:%M:%S.%e%z","level":"%*","category":"%n",%v})");
  } else {
    formatter->set_pattern(settings.toJournal ? "<%N>%n: %v" : "%Y-%m-%dT%H:%M:%S.%e %* %n: %v");
  }
  return formatter;
}

std::string formatted(spdlog::formatter& formatter, const spdlog::details::log_msg& message) {
  spdlog::memory_buf_t line;
  formatter.format(message, line);
  return {line.data(), line.size()};
}

template <typename Fields>
std::string payloadOf(LogFormat format, std::string_view event, const Fields& fields) {
  std::string payload;
  payload.reserve(256);
  const bool json = format == LogFormat::JSON;
  if (json) {
    appendJson(payload, {"event", event});
  } else {
    payload += event;
  }
  for (const Field& field : fields) {
    if (!field.empty()) (json ? appendJson : appendText)(payload, field);
  }
  return payload;
}

// What a lost line leaves. For the writer's thread, so it has a formatter of its own.
std::function<std::string(uint64_t)> lossLineOf(const LogSettings& settings) {
  std::shared_ptr<spdlog::formatter> formatter = formatterOf(settings);
  return [formatter, format = settings.format](uint64_t lost) {
    auto payload = payloadOf(format, "lines lost", std::initializer_list<Field>{{"lines", lost}});
    return formatted(*formatter, spdlog::details::log_msg("app", spdlog::level::warn, payload));
  };
}

class WriterSink final : public spdlog::sinks::base_sink<spdlog::details::null_mutex> {
 public:
  explicit WriterSink(LineWriter& writer) : writer_(writer) {}

 protected:
  void sink_it_(const spdlog::details::log_msg& message) override { writer_.write(formatted(*formatter_, message)); }
  void flush_() override {}

 private:
  LineWriter& writer_;
};

// What is logged, and where. One of the process.
struct Book {
  Book(const LogSettings& settings, std::unique_ptr<LineWriter> given)
      : settings(settings), writer(given ? std::move(given) : newWriter(settings)) {
    auto sink = std::make_shared<WriterSink>(*writer);
    sink->set_formatter(formatterOf(settings));
    for (size_t i = 0; i < kCategories; ++i) {
      loggers[i] = std::make_unique<spdlog::logger>(kNames[i], sink);
      loggers[i]->set_level(levelOf(settings.levels[i]));
    }
  }

  static std::unique_ptr<LineWriter> newWriter(const LogSettings& settings) {
    return std::make_unique<LineWriter>(LineWriter::Settings{.file = settings.file,
                                                             .maxBytes = settings.maxBytes,
                                                             .maxFiles = settings.maxFiles,
                                                             .lossLine = lossLineOf(settings)});
  }
  // The same lines go to the same place.
  bool writesAs(const LogSettings& other) const {
    return settings.file == other.file && settings.maxBytes == other.maxBytes && settings.maxFiles == other.maxFiles &&
           settings.format == other.format && settings.toJournal == other.toJournal;
  }

  LogSettings settings;
  std::unique_ptr<LineWriter> writer;
  std::array<std::unique_ptr<spdlog::logger>, kCategories> loggers;
};

std::unique_ptr<Book>& book() {
  static std::unique_ptr<Book> book;
  return book;
}

template <typename Fields>
void writeTo(Category category, LogLevel level, std::string_view event, const Fields& fields) {
  if (!Log(category).tells(level)) return;
  auto payload = payloadOf(book()->settings.format, event, fields);
  book()->loggers[static_cast<size_t>(category)]->log(levelOf(level), spdlog::string_view_t(payload));
}

}  // namespace

bool Log::tells(LogLevel level) const {
  return book() != nullptr && book()->loggers[static_cast<size_t>(category_)]->should_log(levelOf(level));
}

void Log::write(LogLevel level, std::string_view event, Fields fields) const {
  writeTo(category_, level, event, fields);
}

void Log::write(LogLevel level, std::string_view event, const std::vector<Field>& fields) const {
  writeTo(category_, level, event, fields);
}

void setUpLog(const LogSettings& settings) {
  auto& current = book();
  bool keep = current != nullptr && current->writesAs(settings);
  auto writer = keep ? std::move(current->writer) : nullptr;
  current = nullptr;  // what it has goes first
  current = std::make_unique<Book>(settings, std::move(writer));
}

void reopenLog() {
  if (book() != nullptr) book()->writer->reopen();
}

std::string logFault() { return book() == nullptr ? std::string() : book()->writer->fault(); }

void closeLog() {
  if (book() == nullptr) return;
  auto last = std::move(book());
  last->writer->finish();
}

}  // namespace cbs::telemetry
