#include "agentd/identity/key_store.h"

namespace cbs::identity {

std::shared_ptr<AgentClient> KeyStore::agentAt(const std::string& socketPath) {
  if (socketPath.empty()) return nullptr;
  if (auto known = agents_[socketPath].lock()) return known;
  std::erase_if(agents_, [](const auto& entry) { return entry.second.expired(); });
  auto client = std::make_shared<AgentClient>(loop, socketPath);
  agents_[socketPath] = client;
  return client;
}

}  // namespace cbs::identity
