// The machine that a measurement runs on.
#pragma once

namespace cbs::bench {

// Raises the limit of open descriptors, for this process and those it starts, as far as it goes.
void allowManyDescriptors();

// Prints a line when other work is going on here, which makes every time longer.
void tellIfBusy();

}  // namespace cbs::bench
