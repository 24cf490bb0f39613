#include "agentd/transfer/side_by_side.h"

#include <algorithm>
#include <exception>
#include <optional>
#include <vector>

namespace cbs::transfer {
namespace {

// As much as OpenSSH's server takes for one channel before the first byte is processed (its window): more would only
// wait there, with less a round trip is felt. scp has as much under way.
constexpr size_t kUnderWay = 2 * 1024 * 1024;

struct Shared {
  MovePiece movePiece;
  unsigned running;
  std::optional<Error> error = {};
  std::exception_ptr exception = {};
  kj::PromiseFulfillerPair<void> end = kj::newPromiseAndFulfiller<void>();
};

Task<bool> moved(Shared& shared) {
  try {
    auto more = co_await shared.movePiece();
    if (!more) shared.error = std::move(more.error());
    co_return more.value_or(false);
  } catch (...) {
    shared.exception = std::current_exception();
    co_return false;
  }
}

Task<void> moveAll(Shared& shared) {
  while (co_await moved(shared)) {
  }
  bool last = --shared.running == 0;
  if (last || shared.error || shared.exception) shared.end.fulfiller->fulfill();
}

}  // namespace

unsigned piecesAtOnce(uint64_t size, size_t pieceSize) {
  uint64_t pieces = size / pieceSize + 1;
  return static_cast<unsigned>(std::min<uint64_t>(pieces, std::max<size_t>(1, kUnderWay / pieceSize)));
}

Task<Expected<void>> sideBySide(unsigned count, MovePiece movePiece) {
  Shared shared{kj::mv(movePiece), count};
  std::vector<Task<void>> movers;  // they refer to `shared`: so they go first
  for (unsigned i = 0; i < count; ++i) movers.push_back(moveAll(shared));
  co_await shared.end.promise;
  if (shared.exception) std::rethrow_exception(shared.exception);
  if (shared.error) co_return fail(*shared.error);
  co_return {};
}

}  // namespace cbs::transfer
