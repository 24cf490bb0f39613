// A transaction that many operations share, with the files that have to be durable before it is.
#pragma once

#include "agentd/queue/database.h"

#include <functional>
#include <set>
#include <string>

namespace cbs::queue {

class Transaction {
 public:
  // What an operation does, and why it does not: then nothing that it has written stays.
  using Work = std::function<Expected<void>(Transaction&)>;

  explicit Transaction(Database& database) : database_(database) {}
  KJ_DISALLOW_COPY(Transaction);

  Expected<void> begin();
  // An operation that fails takes back what is its own. If the whole transaction is gone with it, isOver() says so.
  Expected<void> perform(const Work& work);
  // Fails if it is taken back as a whole. Nothing is to be called after it.
  Expected<void> commit();
  bool isOver() const { return !database_.inTransaction(); }

  Database& database() { return database_; }
  // Makes a file durable, and with commit() its name. False: there is none.
  Expected<bool> syncFile(const std::string& file);

 private:
  Expected<void> syncFolders();
  Expected<void> statement(const char* sql);

  Database& database_;
  std::set<std::string> folders_;  // of files that were made durable
};

}  // namespace cbs::queue
