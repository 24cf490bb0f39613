#include "agentd/queue/commit_line.h"

#include "common/offload.h"

#include <exception>
#include <string>
#include <utility>

namespace cbs::queue {

CommitLine::CommitLine(Loop loop, std::unique_ptr<Database> database) : loop_(loop), database_(std::move(database)) {}

CommitLine::~CommitLine() noexcept(false) {
  writing_.reset();  // the thread goes on
  idle();
  batch_.clear();
  while (!waiting_.empty()) {
    fillBatch();
    writeBatch();
    batch_.clear();
  }
}

Database& CommitLine::idle() {
  if (written_.valid()) written_.wait();
  return *database_;
}

kj::Promise<Expected<void>> CommitLine::enqueue(Transaction::Work work, size_t weight) {
  auto pair = kj::newPromiseAndFulfiller<Expected<void>>();
  waiting_.push_back({std::move(work), weight, kj::mv(pair.fulfiller)});
  if (!writing_ || writing_->finished()) writing_ = writeAll();
  return kj::mv(pair.promise);
}

Task<void> CommitLine::writeAll() {
  while (!waiting_.empty()) {
    co_await kj::evalLast([]() {});  // what others are about to ask for comes along
    co_await writeNext();
  }
}

Task<void> CommitLine::writeNext() {
  fillBatch();
  auto over = std::make_shared<std::promise<void>>();
  written_ = over->get_future();
  std::string fault;
  try {
    auto write = [this, over = std::move(over)]() {
      writeBatch();
      over->set_value();
    };
    co_await offload(loop_, kj::mv(write));
  } catch (const std::exception& exception) {
    fault = exception.what();  // no thread, no descriptor: the future is ready as well, as nobody can keep the promise
  }
  written_.wait();
  for (auto& operation : batch_) {
    if (!operation.result) operation.result = fail(database_->error(fault));
  }
  tellBatch();
}

void CommitLine::fillBatch() {
  for (size_t weight = 0; !waiting_.empty() && weight < kMostWeight;) {
    weight += waiting_.front().weight;
    batch_.push_back(std::move(waiting_.front()));
    waiting_.pop_front();
  }
}

// On the thread.
void CommitLine::writeBatch() {
  Transaction transaction(*database_);
  auto whole = transaction.begin();
  for (auto& operation : batch_) {
    if (!whole) break;
    operation.result = transaction.perform(operation.work);
    if (transaction.isOver()) whole = *operation.result;
  }
  if (whole) whole = transaction.commit();
  if (whole) {
    ++transactions_;
    return;
  }
  for (auto& operation : batch_) operation.result = whole;
}

void CommitLine::tellBatch() {
  for (auto& operation : std::exchange(batch_, {})) operation.fulfiller->fulfill(std::move(*operation.result));
}

}  // namespace cbs::queue
