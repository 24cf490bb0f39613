// Makes connections: to the host itself, through its jump host, or by its ProxyCommand.
#pragma once

#include "agentd/pool/host_access.h"
#include "agentd/pool/instance.h"
#include "common/loop.h"
#include "common/task.h"

#include <memory>

namespace cbs::pool {

// `instance`, `gate` and `progress` outlive the task. Errors as ssh::Connection::dial has them; one that befell the
// jump host has the fact `jumpHost`, its name.
Task<Expected<kj::Own<ssh::Connection>>> dial(Loop loop, Instance& instance, std::shared_ptr<const HostAccess> access,
                                              kj::Duration connectLimit, ssh::AddressGate& gate,
                                              ssh::DialProgress& progress);

}  // namespace cbs::pool
