#include "cli/completion/local_files.h"

#include "common/paths.h"

#include <dirent.h>
#include <sys/stat.h>

#include <algorithm>
#include <memory>

namespace cbs::cli {
namespace {

constexpr size_t kMostFiles = 10'000;

bool isFolder(const std::string& path) {
  struct stat info;
  return stat(path.c_str(), &info) == 0 && S_ISDIR(info.st_mode);
}

}  // namespace

std::vector<Candidate> localFiles(const std::string& typed, const std::string& home) {
  std::string stem = typed.substr(0, typed.rfind('/') + 1);
  std::string begin = typed.substr(stem.size());
  std::string folder = stem.empty() ? "./" : expandHome(stem, home);
  std::vector<Candidate> candidates;
  std::unique_ptr<DIR, int (*)(DIR*)> open(opendir(folder.c_str()), closedir);
  while (open != nullptr && candidates.size() < kMostFiles) {
    const dirent* entry = readdir(open.get());
    if (entry == nullptr) break;
    std::string name = entry->d_name;
    bool hidden = name[0] == '.' && (begin.empty() || name == "." || name == "..");
    bool typable = std::none_of(name.begin(), name.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; });
    if (hidden || !typable || name.compare(0, begin.size(), begin) != 0) continue;
    bool inside = isFolder(folder + name);
    candidates.push_back({stem + name + (inside ? "/" : ""), "", !inside});
  }
  return candidates;
}

}  // namespace cbs::cli
