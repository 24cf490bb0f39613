#include "cli/exec/priority.h"

#include "common/nearest_word.h"

#include <algorithm>
#include <iterator>
#include <string_view>

namespace cbs::cli {
namespace {

constexpr std::string_view kWords[] = {"normal", "low", "high"};  // as schema::Priority

}  // namespace

std::string readPriority(const std::string& text, schema::Priority& priority) {
  if (text.empty()) return "";
  auto word = std::find(std::begin(kWords), std::end(kWords), text);
  if (word != std::end(kWords)) {
    priority = static_cast<schema::Priority>(word - std::begin(kWords));
    return "";
  }
  std::string problem = "--priority: expected low, normal or high, found '" + text + "'";
  auto near = nearestWord(text, kWords);
  return near.empty() ? problem : problem + "; did you mean " + std::string(near) + "?";
}

}  // namespace cbs::cli
