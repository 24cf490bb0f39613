// The wording of every reason and, for reasons without one, of every kind.
//
// `{name}` stands for a fact of that name, for `{detail}`, for `{subject}`, or for `{ssh}`: the subject in the form
// that ssh's command line takes. A part in brackets is left out when something it names is missing.
#pragma once

#include "common/error.h"

namespace cbs::cli {

struct Wording {
  const char* what;
  const char* next;
};

Wording wordingOf(const Error& error);

}  // namespace cbs::cli
