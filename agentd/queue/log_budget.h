// How many bytes of jobs' output are kept, of all jobs together.
#pragma once

#include <cstdint>

namespace cbs::queue {

class LogBudget {
 public:
  explicit LogBudget(uint64_t most) : most_(most) {}

  void setMost(uint64_t most) { most_ = most; }
  // True if there was room, which is taken then.
  bool take(uint64_t bytes) {
    if (bytes > most_ || used_ > most_ - bytes) return false;
    used_ += bytes;
    return true;
  }
  void give(uint64_t bytes) { used_ -= bytes < used_ ? bytes : used_; }
  // What is kept already.
  void add(uint64_t bytes) { used_ += bytes; }

  uint64_t used() const { return used_; }
  uint64_t most() const { return most_; }
  // Time to forget old logs, before new ones are cut.
  bool tight() const { return used_ > most_ - most_ / 4; }

 private:
  uint64_t most_;
  uint64_t used_ = 0;
};

}  // namespace cbs::queue
