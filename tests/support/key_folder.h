// Keys and certificates of a test's own, by name.
#pragma once

#include "tests/support/temp_folder.h"

#include <string>
#include <vector>

namespace cbs::test {

class KeyFolder {
 public:
  // Makes a key pair and returns the private file's path; the public one has `.pub` behind it. `arguments` are further
  // ones of ssh-keygen.
  std::string make(const std::string& name, const std::string& type = "ed25519", const std::string& passphrase = "",
                   const std::vector<std::string>& arguments = {}) const;
  // Writes NAME-cert.pub, a user certificate for a key of this folder, and returns its path. `validity` is as for
  // ssh-keygen -V.
  std::string certify(const std::string& name, const std::string& authority, const std::string& principals,
                      const std::string& validity = "always:forever") const;

  std::string path(const std::string& name) const { return folder_.path(name); }
  // A public file's type and key, without its comment: "ssh-ed25519 AAAA…".
  std::string publicLine(const std::string& name) const;
  const TempFolder& folder() const { return folder_; }

 private:
  TempFolder folder_;
};

}  // namespace cbs::test
