// How files and folders of this machine are looked at.
#pragma once

#include <string>
#include <vector>

namespace cbs::cli {

struct SourceOptions {
  bool recursive = false;
  bool followLinks = false;
  std::vector<std::string> exclude = {};
};

}  // namespace cbs::cli
