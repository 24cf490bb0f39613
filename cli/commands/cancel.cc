#include "cli/commands/commands.h"
#include "cli/daemon/reach.h"
#include "cli/jobs/cancelling.h"
#include "cli/jobs/job_session.h"
#include "cli/output/cancel_text.h"
#include "cli/output/print.h"

namespace cbs::cli {
namespace {

const char* const kDescription =
    "End jobs. One that waits never runs; one that runs is told to end, with TERM and then with KILL. A JOB is an "
    "id or a name. If one of them is not there, none is ended.";

const char* const kExamples =
    "  cbsession cancel \"$id\"\n"
    "  cbsession cancel --wait backup                          returns when it has ended\n"
    "  cbsession cancel $(cbsession jobs -q --state queued)\n";

}  // namespace

int runCancel(Arguments arguments) {
  std::vector<std::string> jobs;
  bool untilEnd = false;
  CommandLine line("cancel", kDescription, kExamples);
  line.app().add_option("JOB", jobs, "Ids or names")->required()->type_name("");
  line.app().add_flag("--wait", untilEnd, "Return when all of them have ended");
  line.addCommonOptions();
  if (auto code = line.parse(std::move(arguments))) return *code;
  if (auto problem = checkJobs("JOB", jobs); !problem.empty()) return line.complain(problem);
  bool json = line.common().json();
  auto place = line.common().place();
  auto reached = reachDaemon(place);
  if (!reached) return reportFailure(reached.error(), "", json);
  JobSession session(kj::mv(reached->socket), place);
  auto cancelled = cancelJobs(session.connection(), jobs, untilEnd).promise().wait(session.waitScope());
  if (!cancelled) return reportFailure(cancelled.error(), "", json);
  auto list = cancelled->known.list();
  print(json ? cancelJson(cancelled->list(), list) : cancelText(cancelled->list(), list, untilEnd));
  return 0;
}

}  // namespace cbs::cli
