// What `upload`, `download` and `copy` have in common: all but their words.
#pragma once

#include "cli/options.h"
#include "cli/transfer/transfer_places.h"

namespace cbs::cli {

struct TransferWords {
  const char* name;
  const char* description;
  const char* examples;
};

int runTransfer(const TransferWords& words, Direction direction, Arguments arguments);

}  // namespace cbs::cli
