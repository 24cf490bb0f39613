// What must not be left lying about in memory: passwords and passphrases.
#pragma once

#include <cstddef>
#include <memory>
#include <string_view>

namespace cbs {

// A few bytes on pages of their own, which are not swapped out as far as the process's limit allows (RLIMIT_MEMLOCK),
// are not part of a core dump, and are zeroed in the end.
class Secret {
 public:
  explicit Secret(std::string_view bytes);
  ~Secret();
  Secret(const Secret&) = delete;
  Secret& operator=(const Secret&) = delete;

  // Valid as long as the object. Not followed by a NUL.
  std::string_view view() const { return {data_, size_}; }

 private:
  char* data_;
  size_t size_;
};

using SharedSecret = std::shared_ptr<const Secret>;

// Overwrites bytes that a secret has been copied from, in a message that nobody else reads.
void wipe(std::string_view bytes);

}  // namespace cbs
