// A file system that is full soon.
#pragma once

#include <cstddef>
#include <string>

namespace cbs::test {

// A tmpfs of `bytes` on a folder, for as long as the object lives. Needs root; `mounted()` says whether it is there.
class SmallDisk {
 public:
  SmallDisk(const std::string& folder, size_t bytes);
  ~SmallDisk();
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;

  bool mounted() const { return mounted_; }

 private:
  std::string folder_;
  bool mounted_;
};

}  // namespace cbs::test
