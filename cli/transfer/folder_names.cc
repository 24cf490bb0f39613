#include "cli/transfer/folder_names.h"

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

namespace cbs::cli {

bool readNames(int folder, const std::function<bool(const std::string&)>& wanted, std::vector<std::string>& names) {
  int fd = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return false;
  DIR* stream = fdopendir(fd);
  if (stream == nullptr) {
    close(fd);
    return false;
  }
  errno = 0;
  while (const dirent* item = readdir(stream)) {
    std::string name = item->d_name;
    if (name != "." && name != ".." && wanted(name)) names.push_back(std::move(name));
    errno = 0;
  }
  int error = errno;
  closedir(stream);
  errno = error;
  return error == 0;
}

}  // namespace cbs::cli
