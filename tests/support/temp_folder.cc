#include "tests/support/temp_folder.h"

#include "tests/support/failure.h"

#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace cbs::test {

TempFolder::TempFolder() {
  const char* parent = std::getenv("TMPDIR");
  std::string name = std::string(parent != nullptr ? parent : "/tmp") + "/cbs-XXXXXX";
  if (mkdtemp(name.data()) == nullptr) failErrno("mkdtemp");
  chmod(name.c_str(), 0711);
  path_ = name;
}

TempFolder::~TempFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::string TempFolder::path(std::string_view name) const { return path_ + "/" + std::string(name); }

std::string TempFolder::write(std::string_view name, std::string_view content, unsigned mode) const {
  std::string file = path(name);
  std::ofstream stream(file, std::ios::binary | std::ios::trunc);
  stream << content;
  stream.close();
  if (!stream) fail("cannot write " + file);
  chmod(file.c_str(), mode);
  return file;
}

std::string TempFolder::makeFolder(std::string_view name, unsigned mode) const {
  std::string folder = path(name);
  if (mkdir(folder.c_str(), mode) != 0) failErrno("mkdir " + folder);
  chmod(folder.c_str(), mode);
  return folder;
}

std::string readFile(const std::string& path) {
  std::ifstream stream(path, std::ios::binary);
  std::ostringstream content;
  content << stream.rdbuf();
  return std::move(content).str();
}

}  // namespace cbs::test
