// What is printed about a transfer for people.
#pragma once

#include "cli/transfer/transfer_end.h"
#include "cli/transfer/transfer_options.h"
#include "cli/transfer/transfer_places.h"

#include <string>
#include <string_view>

namespace cbs::cli {

// How names are printed: as they are, or fit for a terminal.
std::string nameText(std::string_view name, bool terminal);

// Whom an error is about: the host, or "" if it is about a file of this machine. Of two hosts it is the one that the
// fact `target` names, else the one that is read from, unless only the other can have it.
std::string subjectOf(const Error& error, const TransferPlaces& places);

// What has become of an entry, or what would: `copied  app/a.txt`, `would delete  app/b`; no newline. "" for a failure.
std::string entryText(schema::TransferEvent::Reader event, bool dryRun, bool terminal);

// A line as sha256sum(1) prints it, with its newline: what is odd in a name is escaped as it does, unless it has to be
// made fit for a terminal.
std::string receiptLine(std::string_view sha256, std::string_view path, bool terminal);

// Lower-case hexadecimal digits.
std::string hexText(std::string_view bytes);

// `web1:/srv/app  340 files, 12.0 MiB in 1.2 s (10.0 MiB/s), 12 unchanged`, with a newline. To be asked for if there is
// a result. `verified`: how many files were.
std::string summaryText(const TransferEnd& end, const TransferOptions& options, const TransferPlaces& places,
                        uint64_t verified, bool terminal);

}  // namespace cbs::cli
