// What many hosts print, gathered: what is alike is shown once, under their names.
#pragma once

#include "cli/fanout/presenter_needs.h"

#include <memory>

namespace cbs::cli {

// The largest group comes first. Standard error comes after standard output, and goes there. Hosts that have printed
// nothing are not shown, and nothing is said of failures.
std::unique_ptr<Presenter> makeGatherPresenter(PresenterNeeds needs);

// Of the groups behind the first it shows how they differ from that (`diff -u`); one of hosts that have printed nothing
// but succeeded is among them.
std::unique_ptr<Presenter> makeDiffPresenter(PresenterNeeds needs);

}  // namespace cbs::cli
