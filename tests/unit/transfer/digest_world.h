// A host on which digests are computed.
#pragma once

#include "agentd/transfer/digest_run.h"
#include "agentd/transfer/sha256.h"
#include "tests/support/account.h"
#include "tests/unit/ssh/sftp_world.h"
#include "tests/unit/transfer/connection_channels.h"

#include <unistd.h>

#include <fstream>

namespace cbs::transfer {

inline std::string digestOf(std::string_view text) {
  Sha256 hash;
  hash.add({reinterpret_cast<const kj::byte*>(text.data()), text.size()});
  return hash.digest();
}

inline std::string patterned(size_t size) {
  std::string text(size, '\0');
  for (size_t i = 0; i < size; ++i) text[i] = static_cast<char>(i * 31 + i / 251);
  return text;
}

inline std::string part(const std::string& text, Range range) {
  return range.offset >= text.size() ? "" : text.substr(range.offset, range.length);
}

struct DigestWorld : ssh::SftpWorld {
  explicit DigestWorld(std::vector<std::string> lines = {}) : SftpWorld({.lines = std::move(lines)}) {}

  std::string write(const std::string& name, const std::string& content) {
    std::ofstream(remote(name)) << content;
    if (geteuid() == 0) test::giveToTestAccount(remote(name));
    return remote(name);
  }
  std::optional<std::vector<std::string>> run(DigestScript script, kj::Duration silence = kDigestSilence) {
    DigestHost host(io.provider->getTimer(), channels, silence);
    return host.run(kj::mv(script)).promise().wait(io.waitScope);
  }

  ConnectionChannels channels{*connection};
  DigestHost host{io.provider->getTimer(), channels};
};

}  // namespace cbs::transfer
