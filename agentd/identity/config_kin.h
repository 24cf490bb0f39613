// Which hosts ssh_config treats alike, so that one answer of ssh serves them all.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace cbs::identity {

// What a configuration's lines depend on. Blocks are chosen by patterns for the host's name; hosts that match the same
// ones get the same blocks. Where anything else decides (Match exec, canonical names, tokens in HostName), there is no
// telling.
class ConfigKin {
 public:
  // To be told of every line, split into words.
  void read(const std::vector<std::string>& words);

  // There is more than was read.
  void giveUp() { canTell_ = false; }

  // Equal for hosts whose configuration differs in nothing but their own name; none if that cannot be told.
  std::optional<std::string> of(std::string_view host) const;

 private:
  void readMatch(const std::vector<std::string>& words);
  void add(std::string_view patterns);

  std::set<std::string, std::less<>> patterns_;
  bool canTell_ = true;
};

}  // namespace cbs::identity
