// A folder of a test's own.
#pragma once

#include <string>
#include <string_view>

namespace cbs::test {

// A fresh folder under $TMPDIR (or /tmp), searchable by everyone so that another account's sshd session can reach into
// it. It goes with the object, with all that is in it.
class TempFolder {
 public:
  TempFolder();
  ~TempFolder();
  TempFolder(const TempFolder&) = delete;
  TempFolder& operator=(const TempFolder&) = delete;

  const std::string& path() const { return path_; }
  std::string path(std::string_view name) const;

  // Creates or replaces a file and returns its path.
  std::string write(std::string_view name, std::string_view content, unsigned mode = 0600) const;

  // Makes a folder and returns its path.
  std::string makeFolder(std::string_view name, unsigned mode = 0700) const;

 private:
  std::string path_;
};

// A file's content; "" if there is none.
std::string readFile(const std::string& path);

}  // namespace cbs::test
