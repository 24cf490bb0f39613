// How fast a transfer may be.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

namespace cbs::cli {

// Reads "10M", "1.5MiB", "512k", "2G" or a number of bytes, each a second; units are powers of 1024, as curl and rsync
// have them. The error is a sentence about `text`.
tl::expected<uint64_t, std::string> parseByteRate(std::string_view text);

}  // namespace cbs::cli
