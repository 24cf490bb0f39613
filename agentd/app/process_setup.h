// What the daemon asks of its own process before it does anything else.
#pragma once

namespace cbs::app {

// Files for the owner only, as many descriptors as the system lets us have, no core dump, and no end by SIGPIPE.
void setUpProcess();

}  // namespace cbs::app
