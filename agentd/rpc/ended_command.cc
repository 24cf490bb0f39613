#include "agentd/rpc/ended_command.h"

#include <kj/exception.h>

namespace cbs::rpc {

kj::Promise<void> EndedCommand::stdin(StdinContext) {
  return KJ_EXCEPTION(FAILED, "the command has ended without having begun");
}

}  // namespace cbs::rpc
