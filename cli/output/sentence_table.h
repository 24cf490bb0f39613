// The wording of every reason and, for reasons without one, of every kind.
//
// `{name}` stands for a fact of that name, for `{detail}`, for `{subject}`, or for `{ssh}`: the subject in the form
// that ssh's command line takes; for `{path}`, the file that it is about, or the detail; for `{words}`, what the detail
// says of that file beyond what a system says by itself; for `{where}`, that file if the detail does not name it; for
// `{inTheWay}`, both in one; for `{part}` and `{partSize}`, what can be gone on with. A part in brackets is left out
// when something it names is missing.
#pragma once

#include "common/error.h"

#include <string_view>

namespace cbs::cli {

struct Wording {
  const char* what;
  const char* next;
};

Wording wordingOf(const Error& error);

// The file that an error is about, or "".
std::string_view fileOf(const Error& error);

// What the detail says beside the name of that file; "" if it is nothing but what the system says.
std::string_view ownWords(const Error& error);

}  // namespace cbs::cli
