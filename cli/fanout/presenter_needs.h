// What a presenter is made with. All that it refers to outlives the presenter.
#pragma once

#include "cli/fanout/console.h"
#include "cli/fanout/presenter.h"
#include "common/loop.h"

#include <string>
#include <vector>

namespace cbs::cli {

struct PresenterNeeds {
  const std::vector<std::string>& targets;
  const std::string& command;  // one line, for people
  Console& console;
  Loop loop;
};

}  // namespace cbs::cli
