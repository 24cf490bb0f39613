// Holds cases against ssh and against what they say.
#pragma once

#include "tests/support/parity.h"

#include <catch2/catch_test_macros.hpp>

#include <string>
#include <vector>

namespace cbs::test {

// `common` are the lines of ssh_config for all of them, after their own.
inline void checkParity(ParityMatrix& matrix, const std::vector<ParityCase>& cases, const std::string& common) {
  matrix.load(cases, common);
  for (const ParityCase& parityCase : cases) {
    INFO(parityCase.name);
    CHECK(matrix.faultsOf(parityCase) == "");
  }
}

}  // namespace cbs::test
