#include "agentd/transfer/remote_orders.h"

#include <algorithm>

namespace cbs::transfer {

void orderWriting(RemoteOrders& orders, ssh::Sftp& sftp, const ssh::Sftp::File& file, uint64_t offset,
                  const SharedBytes& bytes) {
  const size_t size = bytes->size();
  const size_t most = sftp.maxWrite();
  for (size_t at = 0; at < size; at += most) {
    SharedBytes kept = bytes;
    Bytes piece = bytes->slice(at, std::min(size, at + most)).attach(kj::mv(kept));
    orders.push_back(sftp.write(file, offset + at, kj::mv(piece)));
  }
}

Task<Expected<void>> carriedOut(RemoteOrders orders) {
  Expected<void> result;
  for (auto& order : orders) {
    auto done = co_await order;
    if (!done && result) result = kj::mv(done);
  }
  co_return result;
}

}  // namespace cbs::transfer
