#include "agentd/transfer/remote_path.h"

#include "common/entry_path.h"

namespace cbs::transfer {

std::string fromHome(std::string path) {
  if (path != "~" && !path.starts_with("~/")) return path.empty() ? "." : path;
  size_t rest = path.find_first_not_of('/', 1);
  return rest == std::string::npos ? "." : path.substr(rest);
}

std::string withoutSlashes(std::string path) {
  while (path.size() > 1 && path.back() == '/') path.pop_back();
  return path;
}

std::string folderOf(const std::string& path) {
  std::string folder(parentOf(path));
  return folder.empty() ? "." : folder;
}

}  // namespace cbs::transfer
