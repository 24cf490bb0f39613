// Paths that are remembered, up to a number.
#pragma once

#include "common/entry_path.h"

#include <string>
#include <string_view>
#include <unordered_set>

namespace cbs::transfer {

class PathSet {
 public:
  static constexpr size_t kMost = 20'000;

  // Forgets nothing; what comes when it is full is not remembered.
  void add(const std::string& path) {
    if (paths_.size() < kMost) paths_.insert(path);
  }
  // False is certain.
  bool mayContain(const std::string& path) const { return paths_.size() == kMost || contains(path); }
  // True is certain.
  bool contains(const std::string& path) const { return paths_.count(path) != 0; }
  // Whether a folder above that path is certainly in it.
  bool containsAbove(std::string_view path) const {
    if (paths_.empty()) return false;
    while (!path.empty()) {
      path = parentOf(path);
      if (paths_.count(std::string(path)) != 0) return true;
    }
    return false;
  }

 private:
  std::unordered_set<std::string> paths_;
};

}  // namespace cbs::transfer
