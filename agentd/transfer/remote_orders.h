// Orders to a host that are under way together. It carries out those about one file in their order.
#pragma once

#include "agentd/ssh/sftp.h"
#include "agentd/transfer/entry.h"

#include <memory>
#include <vector>

namespace cbs::transfer {

using RemoteOrders = std::vector<Task<Expected<void>>>;

// Bytes that are kept until they are written, as a stream may break.
using SharedBytes = std::shared_ptr<Bytes>;

// Adds what writes all of `bytes`, in pieces that the server takes.
void orderWriting(RemoteOrders& orders, ssh::Sftp& sftp, const ssh::Sftp::File& file, uint64_t offset,
                  const SharedBytes& bytes);

// Awaits them all, and gives the first failure.
Task<Expected<void>> carriedOut(RemoteOrders orders);

}  // namespace cbs::transfer
