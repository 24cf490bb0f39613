// What a login needs from outside: who we are, and whom we trust. The engine implements both on top of its callers'
// capabilities.
#pragma once

#include "common/error.h"
#include "common/secret.h"
#include "common/task.h"

#include <optional>
#include <string>
#include <vector>

namespace cbs::ssh {

struct PublicKey {
  std::string blob;     // RFC 4253 §6.6
  std::string comment;  // where it comes from, for messages
};

struct OfferedKeys {
  std::vector<PublicKey> keys;       // in the order in which they are to be offered
  std::optional<Error> shortcoming;  // why one that was asked for is missing: it explains a login that fails
};

// What a server wants typed (RFC 4256 §3.2).
struct Question {
  struct Prompt {
    std::string text;
    bool echo;
  };
  std::string instruction;
  std::vector<Prompt> prompts;
};
using Answers = std::vector<SharedSecret>;

// Offers public keys and signs with them; the private keys stay where they are. Has people asked.
class Signer {
 public:
  virtual ~Signer() noexcept(false) = default;

  // Fails with authRefused when there is none.
  virtual Task<Expected<OfferedKeys>> keys() = 0;

  // The raw signature of `data` with the key `blob`; `algorithm` is that of RFC 4252 §7 (e.g. rsa-sha2-512).
  virtual Task<Expected<std::string>> sign(std::string blob, std::string data, std::string algorithm) = 0;

  // As many answers as prompts. Fails with authRefused/nobodyToAsk.
  virtual Task<Expected<Answers>> ask(Question question) = 0;
  // The server did not accept them.
  virtual void refused(Question question) = 0;
};

// How far a host whose key is accepted is to be trusted.
struct Trustworthiness {
  bool publicKeyOnly = false;  // nothing may be told to it that serves whoever answers in its place: no password
};

// Judges host keys.
class HostKeyJudge {
 public:
  virtual ~HostKeyJudge() noexcept(false) = default;

  // The host key algorithms to offer, in order. Certificates among them are left out where libssh2 cannot take them.
  virtual Task<Expected<std::vector<std::string>>> algorithms() = 0;

  // Succeeds if the key or certificate, whose key the server at `address` has proved to own, is to be trusted; else
  // hostKeyRefused.
  virtual Task<Expected<Trustworthiness>> judge(std::string blob, std::string address) = 0;
};

}  // namespace cbs::ssh
