// Listings for programs.
#pragma once

#include "cli/listing/listing.h"

#include <string>
#include <vector>

namespace cbs::cli {

// All of it as one object, ending in a newline.
std::string listingReport(const std::vector<Listing>& listings);

// A line for each file, and for each failure.
std::string listingLines(const Listing& listing);

// The line about a host that was not listed to its end.
std::string hostFailureLine(const std::string& host, const Error& error);

}  // namespace cbs::cli
