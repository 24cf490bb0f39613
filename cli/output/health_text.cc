#include "cli/output/health_text.h"

#include "cli/output/explain_error.h"

#include <capnp/schema.h>

namespace cbs::cli {
namespace {

std::string statusName(schema::Health::Status status) {
  auto names = capnp::Schema::from<schema::Health::Status>().getEnumerants();
  auto index = static_cast<unsigned>(status);
  return index < names.size() ? names[index].getProto().getName().cStr() : "unknown";
}

}  // namespace

std::string healthText(schema::Health::Reader health) {
  std::string text = statusName(health.getStatus()) + "\n";
  for (auto condition : health.getConditions()) {
    text += "  " + statusName(condition.getSeverity()) + ": " + condition.getText().cStr() + " [" +
            condition.getCode().cStr() + "]\n";
  }
  return text;
}

void describeDown(const Error& why, schema::Health::Builder to) {
  auto [message, next] = explain(why, "");
  to.setStatus(schema::Health::Status::DOWN);
  auto condition = to.initConditions(1)[0];
  condition.setCode(std::string(nameOf(why.kind)).c_str());
  condition.setSeverity(schema::Health::Status::DOWN);
  condition.setText((next.empty() ? message : message + ". Next: " + next).c_str());
}

}  // namespace cbs::cli
