// Durations and sizes between people and the program.
#pragma once

#include <kj/time.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

namespace cbs {

// Reads "500ms", "30s", "5m", "2h", "1d", "1h30m", "1.5s"; a number alone is seconds. Units go from large to small, and
// a thousand days are the most. The error is a sentence about `text`.
tl::expected<kj::Duration, std::string> parseDuration(std::string_view text);

// "0 ms", "0.85 ms", "2.9 ms", "120 ms", "1.5 s", "3 min 4 s", "2 h 5 min", "3 d 4 h": the two largest units that say
// something.
std::string durationText(kj::Duration duration);

// "512 B", "1.2 MiB": in powers of 1024.
std::string byteText(uint64_t bytes);

}  // namespace cbs
