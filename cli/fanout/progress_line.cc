#include "cli/fanout/progress_line.h"

#include "cli/output/printable.h"

namespace cbs::cli {
namespace {

constexpr auto kWorthSaying = 2 * kj::SECONDS;  // of the slowest

// "12s", "3m04s", "2h05m".
std::string clockText(kj::Duration time) {
  auto seconds = static_cast<unsigned>(time / kj::SECONDS);
  auto twoDigits = [](unsigned number) { return (number < 10 ? "0" : "") + std::to_string(number); };
  if (seconds < 60) return std::to_string(seconds) + "s";
  if (seconds < 3600) return std::to_string(seconds / 60) + "m" + twoDigits(seconds % 60) + "s";
  return std::to_string(seconds / 3600) + "h" + twoDigits(seconds / 60 % 60) + "m";
}

}  // namespace

std::string ProgressLine::text(kj::TimePoint now) {
  constexpr const char* kDot = " \u00b7 ";
  rate_.add(static_cast<uint64_t>((now - start_) / kj::MILLISECONDS), board_.done());
  std::string text = std::to_string(board_.done()) + "/" + std::to_string(board_.total()) + " done";
  if (board_.running() > 0) text += kDot + std::to_string(board_.running()) + " running";
  if (board_.failed() > 0) text += kDot + std::to_string(board_.failed()) + " failed";
  if (auto rate = rate_.perSecond(); rate > 0) text += kDot + std::to_string(rate) + "/s";
  KJ_IF_MAYBE (oldest, board_.oldest()) {
    auto time = now - oldest->since;
    if (time >= kWorthSaying)
      text += kDot + ("slowest " + printable(board_.targets()[oldest->host])) + " " + clockText(time);
  }
  return text;
}

}  // namespace cbs::cli
