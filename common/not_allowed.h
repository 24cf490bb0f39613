// How a daemon refuses a call that its caller may not make: all calls can fail so, whatever they answer with.
#pragma once

#include "common/error.h"

#include <kj/exception.h>

#include <optional>
#include <string_view>

namespace cbs {

// What such a call fails with. `why` is a sentence's worth, for people.
kj::Exception notAllowed(std::string_view why);

// The same as an error, agentUnreachable/peerRefused with the fact `refused`; nullopt if the call failed otherwise.
std::optional<Error> asNotAllowed(const kj::Exception& exception);

// The same for a request that makes no sense as a whole: usage/badRequest, with `why` as its detail.
kj::Exception badRequest(std::string_view why);
std::optional<Error> asBadRequest(const kj::Exception& exception);

}  // namespace cbs
