#include "cli/transfer/transfer_end.h"

#include "cli/output/exit_code.h"

namespace cbs::cli {

TransferEnd TransferEnd::told(schema::TransferResult::Reader result) {
  TransferEnd end;
  end.result = capnp::clone(result);
  end.error = decode(result.getError());
  bool someFailed = end.error.kind == ErrorKind::NONE ? result.getFailed() > 0 : end.onlyEntriesFailed();
  end.exitCode = exitCodeOf(someFailed ? ErrorKind::TRANSFER_FAILED : end.error.kind);
  return end;
}

TransferEnd TransferEnd::failed(Error error) {
  int code = exitCodeOf(error.kind);
  return {{}, std::move(error), code};
}

TransferEnd TransferEnd::left(int signal) {
  Error error{ErrorKind::CANCELLED, Reason::CALLER_CANCELLED, "a second signal; what is left of it is not known"};
  return {{}, std::move(error), 128 + signal};
}

}  // namespace cbs::cli
