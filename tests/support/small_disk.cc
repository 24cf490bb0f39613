#include "tests/support/small_disk.h"

#include <sys/mount.h>

namespace cbs::test {

SmallDisk::SmallDisk(const std::string& folder, size_t bytes) : folder_(folder) {
  std::string options = "mode=1777,size=" + std::to_string(bytes);
  mounted_ = mount("tmpfs", folder.c_str(), "tmpfs", MS_NOSUID | MS_NODEV, options.c_str()) == 0;
}

SmallDisk::~SmallDisk() {
  if (mounted_) umount2(folder_.c_str(), MNT_DETACH);
}

}  // namespace cbs::test
