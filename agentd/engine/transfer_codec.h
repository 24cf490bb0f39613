// Transfers between their form on the wire and the one the daemon works with.
#pragma once

#include "agentd/engine/data.h"
#include "agentd/transfer/entry.h"
#include "agentd/transfer/listener.h"
#include "schema/transfer.capnp.h"

#include <string>

namespace cbs::engine {

// Fails with usage/badRequest for a path that could lead anywhere but down.
Expected<transfer::Entry> decode(schema::FileEntry::Reader from);
void encode(const transfer::Entry& entry, schema::FileEntry::Builder to);

transfer::PathError decode(schema::PathError::Reader from);
void encode(const transfer::PathError& error, schema::PathError::Builder to);

// Fails with usage/badRequest if there are more patterns than anybody needs.
Expected<transfer::Options> decode(schema::TransferOptions::Reader from);
void encode(const transfer::Options& options, schema::TransferOptions::Builder to);

void encode(const transfer::Event& event, schema::TransferEvent::Builder to);
void encode(const transfer::Tally& tally, schema::TransferProgress::Builder to);

}  // namespace cbs::engine
