#include "agentd/rpc/ended_command.h"

namespace cbs::rpc {
namespace {

class Abyss final : public schema::ByteSink::Server {
 public:
  kj::Promise<void> write(WriteContext) override { return kj::READY_NOW; }
  kj::Promise<void> end(EndContext) override { return kj::READY_NOW; }
};

}  // namespace

kj::Promise<void> EndedCommand::stdin(StdinContext context) {
  context.getResults().setSink(kj::heap<Abyss>());
  return kj::READY_NOW;
}

}  // namespace cbs::rpc
