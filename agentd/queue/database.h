// SQLite, as the journal uses it.
//
// A fault sticks: whatever is asked for after it does nothing and finds nothing, until it is taken. So a sequence of
// statements is looked at once, at its end.
#pragma once

#include "common/error.h"

#include <kj/common.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

struct sqlite3;
struct sqlite3_stmt;

namespace cbs::queue {

class Statement;

// A connection, for one thread at a time.
class Database {
 public:
  // Opens a file that is there. Faults: overloaded/journalUnavailable with the facts `file` and, if there is no space,
  // `full`.
  static Expected<std::unique_ptr<Database>> open(const std::string& file);
  ~Database();
  KJ_DISALLOW_COPY(Database);

  // Runs statements that have no parameters and whose results nobody wants.
  void run(const char* sql);
  // Compiled once for each text, which is to be a constant: not to be called again before the earlier one has gone.
  Statement prepare(std::string_view sql);
  // For a text that is made for the occasion.
  Statement prepareOnce(const std::string& sql);

  int64_t lastRow() const;
  bool inTransaction() const;

  std::optional<Error> takeFault() { return std::exchange(fault_, std::nullopt); }
  bool isFaulty() const { return fault_.has_value(); }
  // SQLite's result code of the last fault.
  int faultCode() const { return faultCode_; }
  // For what SQLite does not know of.
  Error error(std::string detail) const;

 private:
  friend class Statement;
  Database(sqlite3* connection, std::string file) : connection_(connection), file_(std::move(file)) {}
  sqlite3_stmt* compile(std::string_view sql);
  void fail();

  sqlite3* connection_;
  const std::string file_;
  std::unordered_map<std::string_view, sqlite3_stmt*> compiled_;
  std::optional<Error> fault_;
  int faultCode_ = 0;
};

// A statement under way. Parameters are given, and columns read, in their order. Texts that are given must stay until
// it has gone; texts that are read are copies.
class Statement {
 public:
  ~Statement();
  KJ_DISALLOW_COPY(Statement);

  Statement& text(std::string_view value);
  Statement& bytes(std::string_view value);
  Statement& number(uint64_t value);

  // True: there is a row. False: no more, or a fault.
  bool next();
  // To its end. True if there was a row.
  bool run();

  std::string text();  // or bytes
  uint64_t number();

 private:
  friend class Database;
  Statement(Database& database, sqlite3_stmt* compiled, bool isOwner)
      : database_(database), compiled_(compiled), isOwner_(isOwner) {}
  void check(int code);

  Database& database_;
  sqlite3_stmt* compiled_;  // null: there was a fault
  bool isOwner_;
  int parameter_ = 0;
  int column_ = 0;
};

}  // namespace cbs::queue
