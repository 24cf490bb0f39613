#include "agentd/telemetry/line_writer.h"

#include "agentd/telemetry/log_file.h"

#include <signal.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <utility>

namespace cbs::telemetry {
namespace {

constexpr size_t kMostWaiting = 1 << 20;
constexpr size_t kWrittenAtOnce = 32 << 10;
constexpr auto kFarewell = std::chrono::seconds(1);

// What comes so close together is written at once: each time that the thread wakes, it takes a core from somebody.
constexpr auto kGathering = std::chrono::milliseconds(5);

struct Entry {
  std::string line;
  LineWriter::Done done;
};

}  // namespace

struct LineWriter::State {
  explicit State(Settings settings)
      : toFile(!settings.file.empty()),
        file(std::move(settings.file), settings.maxBytes, settings.maxFiles),
        lossLine(std::move(settings.lossLine)),
        retry(settings.retry) {}

  void run();
  using Place = std::deque<Entry>::const_iterator;
  void reopenFile();
  void writeAll(const std::deque<Entry>& entries);
  void writePart(Place begin, Place end, const std::string& lines);
  bool awaitWork(std::unique_lock<std::mutex>& lock);
  void gather(std::unique_lock<std::mutex>& lock);
  void tellLoss();

  const bool toFile;
  LogFile file;  // the thread's, with what it calls
  std::function<std::string(uint64_t)> lossLine;
  const std::chrono::milliseconds retry;

  std::mutex mutex;  // of what follows
  std::condition_variable changed;
  std::deque<Entry> waiting;
  size_t bytes = 0;
  uint64_t lost = 0;
  bool reopening = true;  // so that a fault is known before anything is lost
  bool urgent = false;    // somebody waits for a line to be written, or there is much
  bool ending = false;
  bool ended = false;
  std::string fault;
};

// Until it is told to end and nothing waits.
void LineWriter::State::run() {
  std::unique_lock lock(mutex);
  for (;;) {
    if (!awaitWork(lock)) {
      lock.unlock();
      tellLoss();
      lock.lock();
      continue;
    }
    if (waiting.empty() && !reopening) break;
    gather(lock);
    auto entries = std::exchange(waiting, {});
    bytes = 0;
    bool reopen = std::exchange(reopening, false);
    lock.unlock();
    if (reopen) reopenFile();
    writeAll(entries);
    lock.lock();
  }
  ended = true;
  changed.notify_all();
}

// False: there is none, but it is time to tell again what was lost.
bool LineWriter::State::awaitWork(std::unique_lock<std::mutex>& lock) {
  auto isThere = [this]() { return !waiting.empty() || reopening || ending; };
  if (toFile && !fault.empty()) return changed.wait_for(lock, retry, isThere);
  changed.wait(lock, isThere);
  return true;
}

void LineWriter::State::gather(std::unique_lock<std::mutex>& lock) {
  changed.wait_for(lock, kGathering, [this]() { return urgent || reopening || ending; });
  urgent = false;
}

void LineWriter::State::reopenFile() {
  auto why = file.reopen();
  std::lock_guard lock(mutex);
  fault = why;
}

// In parts, so that no file becomes much larger than it may be.
void LineWriter::State::writeAll(const std::deque<Entry>& entries) {
  for (auto begin = entries.begin(); begin != entries.end();) {
    auto end = begin;
    std::string lines;
    do {
      lines += end++->line;
    } while (end != entries.end() && lines.size() + end->line.size() <= kWrittenAtOnce);
    writePart(begin, end, lines);
    begin = end;
  }
}

void LineWriter::State::writePart(Place begin, Place end, const std::string& lines) {
  std::string why;
  const size_t written = file.write(lines, why);
  size_t lineEnd = 0;
  auto isWritten = [&](const Entry& entry) { return (lineEnd += entry.line.size()) <= written; };
  auto firstLost = std::find_if_not(begin, end, isWritten);
  {
    std::lock_guard lock(mutex);
    lost += static_cast<uint64_t>(end - firstLost);
    fault = toFile ? why : "";
  }
  for (auto entry = begin; entry != end; ++entry) {
    if (entry->done) entry->done(entry < firstLost ? "" : why);
  }
  if (firstLost == end) tellLoss();
}

void LineWriter::State::tellLoss() {
  uint64_t count = 0;
  {
    std::lock_guard lock(mutex);
    count = std::exchange(lost, 0);
  }
  if (count == 0) return;
  std::string line = lossLine(count), why;
  bool told = file.write(line, why) == line.size();
  std::lock_guard lock(mutex);
  if (!told) lost += count;
  fault = toFile ? why : "";
}

LineWriter::LineWriter(Settings settings) : state_(std::make_shared<State>(std::move(settings))) {
  // Signals are for the event loop's thread.
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  std::thread([state = state_]() { state->run(); }).detach();
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

LineWriter::~LineWriter() {
  std::lock_guard lock(state_->mutex);
  state_->ending = true;
  state_->changed.notify_all();
}

void LineWriter::finish() {
  std::unique_lock lock(state_->mutex);
  state_->ending = true;
  state_->changed.notify_all();
  state_->changed.wait_for(lock, kFarewell, [this]() { return state_->ended; });
}

void LineWriter::write(std::string line, Done done) {
  {
    std::lock_guard lock(state_->mutex);
    if (state_->waiting.empty() || state_->bytes + line.size() <= kMostWaiting) {
      state_->bytes += line.size();
      state_->waiting.push_back({std::move(line), std::move(done)});
      bool hurries = state_->waiting.back().done != nullptr || state_->bytes >= kWrittenAtOnce;
      bool news = state_->waiting.size() == 1 || (hurries && !state_->urgent);
      state_->urgent |= hurries;
      if (news) state_->changed.notify_all();
      return;
    }
    ++state_->lost;
  }
  if (done) done("the disk is too slow");
}

void LineWriter::reopen() {
  std::lock_guard lock(state_->mutex);
  state_->reopening = true;
  state_->changed.notify_all();
}

std::string LineWriter::fault() const {
  std::lock_guard lock(state_->mutex);
  return state_->fault;
}

}  // namespace cbs::telemetry
