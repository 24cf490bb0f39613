// `cbsession stats --watch` for a file, a pipe or a program: a line for each answer.
#pragma once

#include "cli/watch/rates.h"

#include <string>

namespace cbs::cli {

// The headings that the lines stand under.
std::string watchHeading();
std::string watchLine(const Sample& sample, const Rates& rates);

}  // namespace cbs::cli
