#include "cli/output/health_text.h"

#include "cli/output/explain_error.h"
#include "common/duration.h"

#include <capnp/schema.h>

namespace cbs::cli {
namespace {

std::string statusName(schema::Health::Status status) {
  auto names = capnp::Schema::from<schema::Health::Status>().getEnumerants();
  auto index = static_cast<unsigned>(status);
  return index < names.size() ? names[index].getProto().getName().cStr() : "unknown";
}

// One that has begun in the future, as the clock was set, tells no time.
std::string sinceText(uint64_t sinceMs, uint64_t nowMs) {
  if (sinceMs == 0 || sinceMs > nowMs) return "";
  return ", since " + durationText(static_cast<int64_t>(nowMs - sinceMs) * kj::MILLISECONDS);
}

std::string lineOf(schema::Health::Condition::Reader condition, uint64_t nowMs) {
  std::string text = statusName(condition.getSeverity()) + ": " + condition.getText().cStr();
  if (condition.getNext().size() > 0) text += std::string(". Next: ") + condition.getNext().cStr();
  return text + " [" + condition.getCode().cStr() + sinceText(condition.getSinceMs(), nowMs) + "]";
}

}  // namespace

std::string healthText(schema::Health::Reader health, uint64_t nowMs) {
  std::string text = statusName(health.getStatus()) + "\n";
  for (auto condition : health.getConditions()) text += "  " + lineOf(condition, nowMs) + "\n";
  return text;
}

void describeDown(const Error& why, schema::Health::Builder to) {
  auto [message, next] = explain(why, "");
  to.setStatus(schema::Health::Status::DOWN);
  auto condition = to.initConditions(1)[0];
  condition.setCode(std::string(nameOf(why.kind)).c_str());
  condition.setSeverity(schema::Health::Status::DOWN);
  condition.setText(message.c_str());
  condition.setNext(next.c_str());
}

}  // namespace cbs::cli
