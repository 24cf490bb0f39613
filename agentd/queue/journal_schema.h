// The tables of the journal.
#pragma once

#include "agentd/queue/database.h"

namespace cbs::queue {

// Makes the tables, or turns those that an older version has written into the newest. Fails if a newer version has
// written them, or if the database is no journal; then nothing has changed. A fault of the database's own is left in
// it.
Expected<void> bringUpToDate(Database& database);

}  // namespace cbs::queue
