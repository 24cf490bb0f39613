// How the fixtures fail: by an exception, which Catch2 reports as the test's failure.
#pragma once

#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <string>

namespace cbs::test {

[[noreturn]] inline void fail(const std::string& what) { throw std::runtime_error(what); }
[[noreturn]] inline void failErrno(const std::string& what) { fail(what + ": " + strerror(errno)); }

}  // namespace cbs::test
