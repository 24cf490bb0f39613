#include "agentd/queue/database.h"

#include <sqlite3.h>

#include <cerrno>

namespace cbs::queue {
namespace {

bool isFull(int code, int systemError) {
  bool noSpace = systemError == ENOSPC || systemError == EDQUOT;
  return code == SQLITE_FULL || (code == SQLITE_IOERR && noSpace);
}

// A null pointer would be NULL, which is no text.
const char* notNull(std::string_view value) { return value.empty() ? "" : value.data(); }

}  // namespace

Expected<std::unique_ptr<Database>> Database::open(const std::string& file) {
  sqlite3* connection = nullptr;
  // NOMUTEX: who owns it sees to it that one thread at a time has it.
  int code = sqlite3_open_v2(file.c_str(), &connection, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, nullptr);
  std::unique_ptr<Database> database(new Database(connection, file));
  if (connection == nullptr) return cbs::fail(database->error(sqlite3_errstr(code)));
  if (code != SQLITE_OK) {
    database->fail();
    return cbs::fail(*database->takeFault());
  }
  return database;
}

Database::~Database() {
  for (auto& [sql, compiled] : compiled_) sqlite3_finalize(compiled);
  sqlite3_close(connection_);
}

void Database::run(const char* sql) {
  if (!fault_ && sqlite3_exec(connection_, sql, nullptr, nullptr, nullptr) != SQLITE_OK) fail();
}

Statement Database::prepare(std::string_view sql) {
  if (fault_) return Statement(*this, nullptr, false);
  auto [entry, isNew] = compiled_.try_emplace(sql, nullptr);
  if (entry->second == nullptr) entry->second = compile(sql);
  return Statement(*this, entry->second, false);
}

Statement Database::prepareOnce(const std::string& sql) {
  return Statement(*this, fault_ ? nullptr : compile(sql), true);
}

sqlite3_stmt* Database::compile(std::string_view sql) {
  sqlite3_stmt* compiled = nullptr;
  int code = sqlite3_prepare_v3(connection_, sql.data(), static_cast<int>(sql.size()), SQLITE_PREPARE_PERSISTENT,
                                &compiled, nullptr);
  if (code != SQLITE_OK) fail();
  return compiled;
}

int64_t Database::lastRow() const { return sqlite3_last_insert_rowid(connection_); }
bool Database::inTransaction() const { return sqlite3_get_autocommit(connection_) == 0; }

Error Database::error(std::string detail) const {
  return Error{ErrorKind::OVERLOADED, Reason::JOURNAL_UNAVAILABLE, std::move(detail)}.with("file", file_);
}

// Keeps what went wrong last.
void Database::fail() {
  faultCode_ = sqlite3_errcode(connection_);
  fault_ = error(sqlite3_errmsg(connection_));
  if (isFull(faultCode_, sqlite3_system_errno(connection_))) fault_->facts.push_back({"full", "true"});
}

Statement::~Statement() {
  if (isOwner_) {
    sqlite3_finalize(compiled_);
  } else if (compiled_ != nullptr) {
    sqlite3_reset(compiled_);
    sqlite3_clear_bindings(compiled_);
  }
}

void Statement::check(int code) {
  if (code != SQLITE_OK && !database_.isFaulty()) database_.fail();
}

Statement& Statement::text(std::string_view value) {
  if (compiled_ == nullptr) return *this;
  check(sqlite3_bind_text64(compiled_, ++parameter_, notNull(value), value.size(), SQLITE_STATIC, SQLITE_UTF8));
  return *this;
}

Statement& Statement::bytes(std::string_view value) {
  if (compiled_ == nullptr) return *this;
  check(sqlite3_bind_blob64(compiled_, ++parameter_, notNull(value), value.size(), SQLITE_STATIC));
  return *this;
}

Statement& Statement::number(uint64_t value) {
  if (compiled_ == nullptr) return *this;
  check(sqlite3_bind_int64(compiled_, ++parameter_, static_cast<sqlite3_int64>(value)));
  return *this;
}

bool Statement::next() {
  column_ = 0;
  if (compiled_ == nullptr || database_.isFaulty()) return false;
  int code = sqlite3_step(compiled_);
  if (code != SQLITE_ROW && code != SQLITE_DONE) database_.fail();
  return code == SQLITE_ROW;
}

bool Statement::run() {
  bool found = false;
  while (next()) found = true;
  return found;
}

std::string Statement::text() {
  int column = column_++;
  const void* bytes = sqlite3_column_blob(compiled_, column);
  auto length = static_cast<size_t>(sqlite3_column_bytes(compiled_, column));
  return {static_cast<const char*>(bytes), bytes == nullptr ? 0 : length};
}

uint64_t Statement::number() { return static_cast<uint64_t>(sqlite3_column_int64(compiled_, column_++)); }

}  // namespace cbs::queue
