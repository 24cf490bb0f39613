// Which public keys belong to key files. Of a private key, only what stands in the clear is looked at.
#pragma once

#include "agentd/identity/file_stamp.h"
#include "agentd/identity/shared_call.h"
#include "common/loop.h"
#include "common/task.h"
#include "common/turnstile.h"

#include <map>
#include <optional>
#include <string>

namespace cbs::identity {

class KeyFiles {
 public:
  explicit KeyFiles(Loop loop) : loop_(loop) {}

  // What `file`.pub says, or `file` itself if that is a .pub file. It need not be true.
  static std::optional<std::string> publicPart(const std::string& file);

  // The public key of a private key file. Asks ssh-keygen where it does not stand in the clear, once until the file
  // changes.
  // Fails with authRefused/keyUnusable and the fact `file` if the file is encrypted, or in ssh-keygen's words.
  Task<Expected<std::string>> publicKey(std::string file);

 private:
  struct Known {
    FileStamp stamp;
    Expected<std::string> blob;
  };
  Task<Expected<std::string>> ask(std::string file);
  Task<Expected<std::string>> derive(std::string file);

  Loop loop_;
  Turnstile turnstile_{8};
  std::map<std::string, Known> known_;
  SharedCalls<std::string> asking_;
};

}  // namespace cbs::identity
