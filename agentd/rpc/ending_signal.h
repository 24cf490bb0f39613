// Signals that mean the end.
#pragma once

#include <algorithm>
#include <array>
#include <string_view>

namespace cbs::rpc {

// Those that end a process which does nothing about them (schema::Command, signal). Names are without SIG.
inline bool endsProcesses(std::string_view signal) {
  constexpr std::array<std::string_view, 4> kSignals = {"INT", "TERM", "HUP", "KILL"};
  return std::find(kSignals.begin(), kSignals.end(), signal) != kSignals.end();
}

}  // namespace cbs::rpc
