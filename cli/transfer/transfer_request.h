// What the daemon is asked to move.
#pragma once

#include "cli/transfer/transfer_options.h"
#include "cli/transfer/transfer_places.h"
#include "common/loop.h"
#include "schema/agent.capnp.h"

namespace cbs::cli {

// Fills in the request. `tellAll`: unchanged entries are to be told of, too.
void describeTransfer(Loop loop, const TransferOptions& options, const TransferPlaces& places, bool tellAll,
                      schema::TransferRequest::Builder to);

// Fills in an upload to many hosts, whose targets come from elsewhere, as does who answers questions.
void describeUpload(const TransferOptions& options, const TransferPlaces& places,
                    schema::FanOutRequest::Work::Upload::Builder to);

// Fills in who asks. `askPass`: also for passwords.
void describeAsker(Loop loop, bool askPass, schema::CallerContext::Builder to);

// Fills in a place on a host.
void describePlace(const std::string& target, const std::vector<std::string>& paths, schema::RemotePlace::Builder to);

}  // namespace cbs::cli
