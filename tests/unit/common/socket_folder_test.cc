#include "common/socket_folder.h"

#include <sys/stat.h>

#include <catch2/catch_test_macros.hpp>

namespace cbs {
namespace {

constexpr uid_t kService = 998;
constexpr FolderState kRoots{0, S_IFDIR | 0755};

TEST_CASE("root lets a user serve in a folder of that user's, below folders of its own") {
  FolderState run{kService, S_IFDIR | 0755};
  CHECK(isServiceFolder({run, kRoots, kRoots}, kService));
  CHECK_FALSE(isServiceFolder({run, kRoots, kRoots}, kService + 1));
  CHECK_FALSE(isServiceFolder({kRoots, kRoots}, kService));
  CHECK_FALSE(isServiceFolder({}, kService));
}

TEST_CASE("where others may write, root has let nobody serve") {
  for (mode_t mode : {0775, 0757, 01777}) {
    FolderState open{kService, S_IFDIR | mode};
    CHECK_FALSE(isServiceFolder({open, kRoots, kRoots}, kService));
    FolderState run{kService, S_IFDIR | 0755};
    FolderState above{0, S_IFDIR | mode};
    CHECK_FALSE(isServiceFolder({run, above, kRoots}, kService));
    CHECK_FALSE(isServiceFolder({run, kRoots, above}, kService));
  }
}

TEST_CASE("below another user's folder root has let nobody serve") {
  FolderState run{kService, S_IFDIR | 0755};
  CHECK_FALSE(isServiceFolder({run, {kService, S_IFDIR | 0755}, kRoots}, kService));
  CHECK_FALSE(isServiceFolder({run, {1000, S_IFDIR | 0700}, kRoots}, kService));
}

}  // namespace
}  // namespace cbs
