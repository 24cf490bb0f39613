// Standard input that many hosts are to get: it is read to its end before anything is sent.
#pragma once

#include "common/error.h"

#include <string>

namespace cbs::cli {

constexpr size_t kMostInputBytes = size_t{16} << 20;  // schema FanOutRequest.input

// Fails with usage/badRequest if there is more than `most`, else with transferFailed/localIo.
Expected<std::string> readWholeInput(int fd, size_t most = kMostInputBytes);

}  // namespace cbs::cli
