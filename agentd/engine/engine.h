// The engine: connections and what runs on them, behind schema/engine.capnp.
#pragma once

#include "common/config.h"
#include "common/loop.h"
#include "schema/engine.capnp.h"

namespace cbs::engine {

// An engine in this process. It lives as long as references to it, and as what it runs.
schema::Engine::Client newEngine(Loop loop, const Config& config);

}  // namespace cbs::engine
