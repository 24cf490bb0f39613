#include "agentd/engine/engine.h"

#include "agentd/engine/engine_server.h"
#include "agentd/engine/limits.h"

#include <capnp/message.h>

namespace cbs::engine {

schema::Engine::Client newEngine(Loop loop, const Config& config) {
  capnp::MallocMessageBuilder message;
  auto limits = message.initRoot<schema::EngineLimits>();
  encode(config, limits);
  return kj::heap<EngineServer>(loop, decode(limits.asReader()));
}

}  // namespace cbs::engine
