// Writes lines to a file, on a thread of its own, so that no slow or full disk holds anybody back.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace cbs::telemetry {

class LineWriter {
 public:
  struct Settings {
    std::string file;       // made with mode 0600; "": standard error
    uint64_t maxBytes = 0;  // at this size it is set aside as FILE.1, and what was FILE.1 as FILE.2 …; 0: never
    uint32_t maxFiles = 0;  // that are set aside and kept
    // The line that tells of so many that were lost. Called on the thread.
    std::function<std::string(uint64_t lost)> lossLine = [](uint64_t) { return std::string(); };
    // After which it is tried to tell of them though nobody writes, so that fault() does not outlive what it tells of.
    std::chrono::milliseconds retry = std::chrono::seconds(5);
  };
  // Told once what became of a line: "" once it is written, else why it is not. On the thread, or if it was lost at
  // once.
  using Done = std::function<void(const std::string& fault)>;

  explicit LineWriter(Settings settings);
  // What waits is still written, if the process lives so long.
  ~LineWriter();
  LineWriter(const LineWriter&) = delete;
  LineWriter& operator=(const LineWriter&) = delete;

  // Takes lines with their line end; they are written after some milliseconds, with what comes meanwhile, or at once if
  // there is much of it or a `done`. Never blocks: when a mebibyte waits, a line is lost, which is told in the file
  // once it can be written again. One alone may be longer.
  void write(std::string line, Done done = nullptr);

  // Opens the file anew: somebody has moved it away. The thread does that.
  void reopen();

  // Gives what waits a second to be written. The last call.
  void finish();

  // Why the file could not be opened, or the last line not be written, or "". Nothing is said of standard error.
  std::string fault() const;

 private:
  struct State;
  std::shared_ptr<State> state_;  // the thread's as well, which may outlive us when the disk hangs
};

}  // namespace cbs::telemetry
