// Logs what becomes of connections and breakers.
#pragma once

#include "agentd/pool/watcher.h"

#include <kj/memory.h>

namespace cbs::engine {

kj::Own<pool::Watcher> newPoolLog();

}  // namespace cbs::engine
