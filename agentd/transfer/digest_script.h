// What a shell on a host is told so that it prints SHA-256 of files there, and what it prints.
//
// The shell gets it as the input of `sh -s`: whatever the user's login shell is, no line has to pass through it.
#pragma once

#include "agentd/transfer/entry.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cbs::transfer {

struct DigestScript {
  std::string text;
  size_t count = 0;      // how many digests it asks for
  uint64_t longest = 0;  // bytes of the longest range; 0 for whole files, whose size nobody knows
};

// About as long as a script becomes; what is left over needs another one.
constexpr size_t kLongestScript = size_t{64} * 1024;

// Asks for whole files from paths[from] on, as many as one script holds.
DigestScript digestScript(const std::vector<std::string>& paths, size_t from);

// Asks for ranges of a file from ranges[from] on. None: that range begins in the middle of a block of 64 KiB.
std::optional<DigestScript> digestScript(const std::string& path, const std::vector<Range>& ranges, size_t from);

// Reads what the script prints.
class DigestOutput {
 public:
  explicit DigestOutput(size_t count) : count_(count) {}

  // False once there is no use in reading on.
  bool take(std::string_view text);
  // Whether the host has what it takes to compute digests.
  bool begun() const { return begun_; }
  // 32 bytes each, "" for those that the host could not give; none: it can give none at all.
  std::optional<std::vector<std::string>> digests() const;

 private:
  void takeLine();

  size_t count_;
  size_t ignored_ = 0;  // bytes of what a login prints
  bool begun_ = false;
  std::string line_;  // that has not ended yet
  std::vector<std::string> digests_;
};

}  // namespace cbs::transfer
