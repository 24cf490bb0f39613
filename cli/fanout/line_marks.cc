#include "cli/fanout/line_marks.h"

#include "cli/output/printable.h"

#include <algorithm>

namespace cbs::cli {
namespace {

constexpr size_t kWidest = 30;
constexpr const char* kColours[] = {"\x1b[36m", "\x1b[33m", "\x1b[32m", "\x1b[35m", "\x1b[34m", "\x1b[31m"};
constexpr const char* kPlain = "\x1b[m";

}  // namespace

HostMarks::HostMarks(const std::vector<std::string>& targets, const Console& console)
    : targets_(targets), console_(console) {
  for (const auto& target : targets) width_ = std::max(width_, std::min(target.size(), kWidest));
}

std::string HostMarks::of(uint32_t host, schema::OutputStream stream) const {
  if (!console_.isTerminal(stream)) return targets_[host] + ": ";
  std::string name = printable(targets_[host]);
  std::string space(width_ > name.size() ? width_ - name.size() + 1 : 1, ' ');
  if (!console_.coloured(stream)) return name + ":" + space;
  return kColours[host % std::size(kColours)] + name + ":" + kPlain + space;
}

std::string LineEnds::convert(std::string_view text, bool midLine) {
  std::string lines;
  lines.reserve(text.size());
  for (char c : text) {
    bool open = lines.empty() ? midLine : lines.back() != '\n';
    if (returned_ && c != '\n' && open) lines += '\n';
    returned_ = c == '\r';
    if (!returned_) lines += c;
  }
  return lines;
}

}  // namespace cbs::cli
