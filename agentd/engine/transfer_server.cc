#include "agentd/engine/transfer_server.h"

namespace cbs::engine {
namespace {

std::string asString(capnp::Data::Reader data) { return {reinterpret_cast<const char*>(data.begin()), data.size()}; }

bool isName(const std::string& name) { return name.find('/') == std::string::npos && name != "." && name != ".."; }

}  // namespace

Expected<transfer::UploadPlan> planTransfer(schema::TransferSpec::Reader spec) {
  transfer::UploadPlan plan;
  plan.path = asString(spec.getRemotePath());
  plan.intoDirectoryAs = asString(spec.getIntoDirectoryAs());
  plan.size = spec.getSize();
  plan.mode = spec.getMode();
  plan.mtimeMs = spec.getMtimeMs();
  if (plan.path.find('\0') != std::string::npos || plan.intoDirectoryAs.find('\0') != std::string::npos) {
    return fail(ErrorKind::USAGE, Reason::BAD_REQUEST, "a path with a zero byte in it");
  }
  if (!isName(plan.intoDirectoryAs)) {
    return fail(ErrorKind::USAGE, Reason::BAD_REQUEST, "not a file's name: " + plan.intoDirectoryAs);
  }
  return plan;
}

kj::Promise<void> refuseTransfer(schema::TransferObserver::Client observer, const Error& error) {
  auto request = observer.finishedRequest();
  encode(error, request.initResult().initError());
  return request.send().ignoreResult();
}

}  // namespace cbs::engine
