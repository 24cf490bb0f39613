// What a program of OpenSSH's said when it failed.
#pragma once

#include "common/subprocess.h"

#include <string>

namespace cbs::identity {

// Its words on one line, printable and at most 500 bytes; how it ended if it said nothing.
std::string complaintOf(const SubprocessResult& result, const std::string& program);

}  // namespace cbs::identity
