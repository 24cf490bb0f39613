// The commands. Each takes its arguments, without its own name, and gives the program's exit code.
#pragma once

#include "cli/options.h"

namespace cbs::cli {

int runExec(Arguments arguments);
int runSsh(Arguments arguments);
int runUpload(Arguments arguments);
int runDownload(Arguments arguments);
int runCopy(Arguments arguments);
int runLs(Arguments arguments);
int runSubmit(Arguments arguments);
int runJobs(Arguments arguments);
int runWait(Arguments arguments);
int runLogs(Arguments arguments);
int runCancel(Arguments arguments);
int runStats(Arguments arguments);
int runConnections(Arguments arguments);
int runHealth(Arguments arguments);
int runExplain(Arguments arguments);
int runDisconnect(Arguments arguments);
int runBreaker(Arguments arguments);
int runNodes(Arguments arguments);
int runConfig(Arguments arguments);
int runAgent(Arguments arguments);
int runCompletion(Arguments arguments);
int runVersion(Arguments arguments);

}  // namespace cbs::cli
