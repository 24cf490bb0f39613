// Names of files that are not in place yet: `.NAME.cbs-XXXXXXXX`, beside the file NAME that they are to become.
#pragma once

#include <string>
#include <string_view>

namespace cbs {

// A name that nothing has: each call gives another one. At most 200 bytes of `name` are in it, so that it is no longer
// than a name may be.
std::string temporaryName(std::string_view name);

// Whether it is such a name for `name`. Long names that begin alike are not told apart.
bool isTemporaryOf(std::string_view candidate, std::string_view name);

// Whether it is such a name for any.
bool isTemporary(std::string_view candidate);

}  // namespace cbs
