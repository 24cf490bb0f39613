// The files of ssh_config's RevokedHostKeys.
#pragma once

#include "agentd/identity/file_stamp.h"
#include "common/error.h"
#include "common/loop.h"
#include "common/task.h"
#include "common/turnstile.h"

#include <string>
#include <unordered_map>
#include <vector>

namespace cbs::identity {

// Reads lists of keys by itself, and key revocation lists (KRL) through `ssh-keygen -Q`, a few milliseconds each.
// Answers are remembered by key until the file changes.
class RevokedKeys {
 public:
  explicit RevokedKeys(Loop loop) : loop_(loop) {}

  // The first of `files` that revokes the key, or certificate, `blob`; "" if none does. Fails with hostKeyRefused when
  // a file cannot be read or has a line that is no key: then nobody knows what it would revoke, and ssh, too, refuses
  // every key.
  Task<Expected<std::string>> revokedBy(std::vector<std::string> files, std::string blob);

 private:
  struct Answer {
    FileStamp stamp;
    bool revoked;
  };
  Task<Expected<bool>> revokes(std::string file, std::string blob);
  Task<Expected<bool>> ask(std::string file, std::string blob);
  Task<Expected<bool>> askKeygen(std::string file, std::string blob);

  Loop loop_;
  Turnstile turnstile_{4};
  std::unordered_map<std::string, Answer> known_;  // by file and key
};

// What a list of public keys, one on a line as in a .pub file, says about a key or certificate: a certificate is
// revoked by its own key and by its authority's. Fails if a line is neither a key nor a comment.
Expected<bool> listRevokes(std::string_view list, std::string_view blob);

}  // namespace cbs::identity
