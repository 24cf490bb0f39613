// A log's file: opened when it is needed, set aside when it is large.
#pragma once

#include <kj/io.h>

#include <cstdint>
#include <string>
#include <string_view>

namespace cbs::telemetry {

// Why a log's file cannot be opened, or ""; "" is standard error. One that is not there is made. May block.
std::string whyNotOpened(const std::string& path);

// All of it may block.
class LogFile {
 public:
  // As LineWriter::Settings.
  LogFile(std::string path, uint64_t maxBytes, uint32_t maxFiles)
      : path_(std::move(path)), maxBytes_(maxBytes), maxFiles_(maxFiles) {}

  // Gives how many bytes were written, all unless `fault` is set. What is written of a line that has no room is taken
  // back.
  size_t write(std::string_view lines, std::string& fault);

  // Closes and opens it. Gives why it cannot be opened, or ""; the next write tries again.
  std::string reopen();

 private:
  bool open(std::string& fault);
  bool isElsewhere() const;
  void setAside();
  void takeBack(std::string_view written);

  std::string path_;
  uint64_t maxBytes_;
  uint32_t maxFiles_;
  kj::AutoCloseFd fd_;
  uint64_t size_ = 0;
  uint64_t setAsideAt_ = 0;
  bool torn_ = false;  // it ends within a line
};

}  // namespace cbs::telemetry
