// Signals by name and number.
#pragma once

#include <optional>
#include <string_view>

namespace cbs {

// This machine's number of a signal, by its name with or without SIG ("TERM", "SIGTERM"). Those of RFC 4254 §6.10 and
// the rest of POSIX are known.
std::optional<int> signalNumber(std::string_view name);

// The name without SIG, or "" for a number that has none.
std::string_view signalName(int number);

}  // namespace cbs
