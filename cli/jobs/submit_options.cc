#include "cli/jobs/submit_options.h"

#include "cli/jobs/text_list.h"

namespace cbs::cli {

void describeJob(const SubmitOptions& options, schema::JobRequest::Builder to) {
  describeExec(options.exec, to.initExec());
  to.setName(options.name.c_str());
  describeLabels(options.labels, to.initLabels(static_cast<unsigned>(options.labels.size())));
  setTexts(to.initAfter(static_cast<unsigned>(options.after.size())), options.after);
  setTexts(to.initAfterAny(static_cast<unsigned>(options.afterAny.size())), options.afterAny);
  to.setIdempotencyKey(options.idempotencyKey.c_str());
  to.setDeadlineMs(options.deadlineMs);
}

}  // namespace cbs::cli
