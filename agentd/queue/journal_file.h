// The file of the journal, and the folder that it is in.
#pragma once

#include "agentd/queue/database.h"

#include <memory>
#include <string>

namespace cbs::queue {

// Opens `folder`/jobs.db, and makes what is not there: folders with mode 0700, the file with 0600. What else SQLite
// puts beside it gets the file's mode. Refuses a folder that others own or may write to, as they could exchange the
// file. The database is locked, and has the newest tables. Blocks. Errors: as Journal::open.
Expected<std::unique_ptr<Database>> openJournalFile(const std::string& folder);

}  // namespace cbs::queue
