// Listings as ls(1) prints them.
#pragma once

#include "cli/listing/listing.h"

#include <string>

namespace cbs::cli {

struct ListingStyle {
  bool details = false;   // -l
  bool headings = false;  // before every folder
  bool hosts = false;     // in headings and paths, as there are several
  bool terminal = false;  // names are made fit for one
  int64_t nowS = 0;       // seconds since 1970: what is older than half a year has its year instead of the time of day
};

// `-rwsr-xr-x`, `drwxr-xr-t`, `?rw-------` for what is neither file, folder nor link.
std::string modeText(schema::FileKind kind, uint32_t mode);

// `Mar  3 12:34` or `Mar  3  2024`, in the local time zone.
std::string listedTime(int64_t mtimeS, int64_t nowS);

std::string listingText(const Listing& listing, const ListingStyle& style);

}  // namespace cbs::cli
