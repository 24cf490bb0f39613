#include "agentd/telemetry/health.h"

#include "agentd/telemetry/health_rules.h"
#include "agentd/telemetry/health_words.h"

#include <algorithm>

namespace cbs::telemetry {
namespace {

// Beyond this, a condition that comes back is another one.
constexpr uint64_t kReturnMs = 10'000;

}  // namespace

Severity worst(const std::vector<Condition>& conditions) {
  Severity result = Severity::HEALTHY;
  for (const Condition& condition : conditions) result = std::max(result, condition.severity);
  return result;
}

Health::News Health::update(const HealthFigures& figures, Moment now) {
  auto signs = signsOf(figures, now);
  News news;
  forgetEnded(now, news);
  conditions_.clear();
  for (const HealthCodeInfo& info : kHealthCodes) {
    bool begins = judge(info.code, signs, now);
    auto known = known_.find(info.code);
    if (known == known_.end() || !known->second.holds) continue;
    conditions_.push_back(known->second.condition);
    if (begins) news.begun.push_back(known->second.condition);
  }
  return news;
}

HealthSigns Health::signsOf(const HealthFigures& figures, Moment now) {
  const KeyFailures& failures = figures.keyFailures;
  HealthSigns signs{
      .now = figures,
      .rejectedLately = rejected_.update(figures.rejected, now.bootMs),
      .keyFailuresLately = {.noKey = noKey_.update(failures.noKey, now.bootMs),
                            .agentUnavailable = agentUnavailable_.update(failures.agentUnavailable, now.bootMs),
                            .nobodyToAsk = nobodyToAsk_.update(failures.nobodyToAsk, now.bootMs)}};
  if (auto jump = clock_.look(now)) {
    jump_ = jump;
    shiftTimes(jump->byMs);
  }
  if (jump_ && now.bootMs - jump_->bootMs >= kClockWindowMs) jump_.reset();
  signs.clockJump = jump_;
  return signs;
}

// What has held for a minute still does so when the clock has been set.
void Health::shiftTimes(int64_t byMs) {
  for (auto& [code, known] : known_) {
    auto since = static_cast<int64_t>(known.condition.sinceMs) + byMs;
    known.condition.sinceMs = static_cast<uint64_t>(std::max<int64_t>(since, 0));
  }
}

// Whether a condition begins that did not hold before, and not just now either.
bool Health::judge(HealthCode code, const HealthSigns& signs, Moment now) {
  auto found = known_.find(code);
  bool isKnown = found != known_.end();
  bool already = isKnown && found->second.holds;
  if (!holds(code, signs, already)) {
    if (already) {
      found->second.holds = false;
      found->second.endedBootMs = now.bootMs;
    }
    return false;
  }
  auto [text, next] = wordsOf(code, signs);
  uint64_t since = isKnown ? found->second.condition.sinceMs : now.timeOfDayMs;
  Condition condition{infoOf(code).name, infoOf(code).severity, std::move(text), std::move(next), since};
  known_.insert_or_assign(code, Known{std::move(condition), true, 0});
  return !isKnown;
}

void Health::forgetEnded(Moment now, News& news) {
  std::erase_if(known_, [&](const auto& entry) {
    const Known& known = entry.second;
    if (known.holds || now.bootMs - known.endedBootMs < kReturnMs) return false;
    news.ended.push_back(known.condition);
    return true;
  });
}

}  // namespace cbs::telemetry
