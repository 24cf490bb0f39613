#include "cli/output/cancel_text.h"

#include "cli/output/job_report.h"
#include "cli/output/job_table.h"
#include "cli/output/printable.h"
#include "common/json.h"
#include "schema/cli.capnp.h"

#include <capnp/message.h>

namespace cbs::cli {
namespace {

std::string what(schema::Cancelled::Reader cancelled, const std::string& end, bool untilEnd) {
  switch (cancelled.getWhat()) {
    case schema::Cancelled::What::REMOVED:
      return "removed: it waited";
    case schema::Cancelled::What::SIGNALLED:
      return untilEnd ? "was told to end, and has ended (" + end + ")" : "told to end";
    case schema::Cancelled::What::HAD_ENDED:
      return "had ended (" + end + ")";
  }
  return "?";  // something that only a newer daemon does
}

}  // namespace

std::string cancelText(capnp::List<schema::Cancelled>::Reader cancelled, capnp::List<schema::JobInfo>::Reader known,
                       bool untilEnd) {
  std::string text;
  for (unsigned i = 0; i < cancelled.size(); ++i) {
    std::string end = i < known.size() ? outcomeText(known[i].getOutcome()) : "?";
    text += printable(cancelled[i].getId().cStr()) + ": " + what(cancelled[i], end, untilEnd) + "\n";
  }
  return text;
}

std::string cancelJson(capnp::List<schema::Cancelled>::Reader cancelled, capnp::List<schema::JobInfo>::Reader known) {
  capnp::MallocMessageBuilder message;
  auto report = message.initRoot<schema::CancelReport>();
  auto list = report.initCancelled(cancelled.size());
  for (unsigned i = 0; i < list.size(); ++i) {
    list[i].setId(cancelled[i].getId());
    list[i].setWhat(cancelled[i].getWhat());
    if (i < known.size()) describeJobReport(known[i], list[i].initJob());
  }
  return toJson<schema::CancelReport>(report);
}

}  // namespace cbs::cli
