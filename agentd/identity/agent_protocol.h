// Messages of the ssh-agent protocol (draft-ietf-sshm-ssh-agent), without their length.
#pragma once

#include "common/error.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace cbs::identity {

struct AgentKey {
  std::string blob;
  std::string comment;
};

constexpr uint32_t kMaxAgentMessage = 256 * 1024;  // OpenSSH's AGENT_MAX_LEN

std::string identitiesRequest();
// `algorithm` chooses the hash for RSA keys; other keys have but one.
std::string signRequest(std::string_view blob, std::string_view data, std::string_view algorithm);

// These fail with authRefused/agentUnavailable and say what is wrong with the answer.
Expected<std::vector<AgentKey>> parseIdentities(std::string_view answer);
// Gives what follows the algorithm's name in the signature: the inner blob, or for security keys all of the rest
// (PROTOCOL.u2f).
Expected<std::string> parseSignature(std::string_view answer, std::string_view algorithm);

}  // namespace cbs::identity
