// What is printed about a transfer for programs.
#pragma once

#include "cli/transfer/transfer_end.h"
#include "cli/transfer/transfer_options.h"
#include "cli/transfer/transfer_places.h"
#include "common/json.h"
#include "schema/cli.capnp.h"

#include <string>
#include <vector>

namespace cbs::cli {

// What a report has beside the result.
struct TransferFindings {
  struct Failure {
    std::string path;
    Error error;
  };
  struct Digest {
    std::string path;
    std::string sha256;  // 32 bytes
  };
  std::vector<Failure> failures = {};
  std::vector<Digest> verified = {};
  uint64_t resumedBytes = 0;
};

// A line each, ending in a newline.
class TransferJson {
 public:
  std::string progress(schema::TransferProgress::Reader progress) const;
  std::string entry(schema::TransferEvent::Reader event, const TransferPlaces& places) const;

  // The report; with `asEvent` the last of the events.
  static std::string report(const TransferEnd& end, const TransferFindings& findings, const TransferOptions& options,
                            const TransferPlaces& places, bool asEvent);

 private:
  // Kept, as there may be a million entries.
  JsonWriter progress_{capnp::Schema::from<schema::TransferProgressEvent>()};
  JsonWriter entry_{capnp::Schema::from<schema::TransferEntryEvent>()};
};

}  // namespace cbs::cli
