// The log: a line an event, with named values. Libraries do not log, they return errors (tests/lint/floors.txt).
//
//   log(Category::POOL).info("connected", {{"host", host}, {"ms", Took{us}}});
//
//   2026-11-28T21:00:00.123 info pool: connected host=web1 ms=12
//   {"time":"2026-11-28T21:00:00.123+00:00","level":"info","category":"pool","event":"connected","host":"web1","ms":12}
#pragma once

#include "agentd/telemetry/log_text.h"
#include "common/config_types.h"

#include <array>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace cbs::telemetry {

// In the order of Config::Log.
enum class Category { APP, CALLERS, COMMANDS, POOL, TRANSFERS, JOBS, HTTP };
constexpr size_t kCategories = 7;

class Log {
 public:
  using Fields = std::initializer_list<Field>;

  explicit Log(Category category) : category_(category) {}

  // Whether it is worth to find out what there is to say.
  bool tells(LogLevel level) const;

  // `event` is a word or a few, always the same for the same. Fields that are empty texts are left out.
  void debug(std::string_view event, Fields fields = {}) const { write(LogLevel::DEBUG, event, fields); }
  void info(std::string_view event, Fields fields = {}) const { write(LogLevel::INFO, event, fields); }
  void warn(std::string_view event, Fields fields = {}) const { write(LogLevel::WARN, event, fields); }
  void error(std::string_view event, Fields fields = {}) const { write(LogLevel::ERROR, event, fields); }
  void write(LogLevel level, std::string_view event, Fields fields) const;
  void write(LogLevel level, std::string_view event, const std::vector<Field>& fields) const;

 private:
  Category category_;
};

inline Log log(Category category) { return Log(category); }

struct LogSettings {
  std::array<LogLevel, kCategories> levels;  // none UNSET
  LogFormat format = LogFormat::TEXT;
  bool toJournal = false;  // it has its own time, and wants to be told the priority of each line
  std::string file = "";   // "": standard error
  uint64_t maxBytes = 0;   // as LineWriter
  uint32_t maxFiles = 0;
};

// From now on. Until then nothing is logged. Not to be called while another thread logs.
void setUpLog(const LogSettings& settings);

// Opens the file anew.
void reopenLog();

// Why the log cannot be written, or "".
std::string logFault();

// Gives what waits a second to be written. Nothing is logged any more.
void closeLog();

}  // namespace cbs::telemetry
