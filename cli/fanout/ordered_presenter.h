// What many hosts print, host by host in the order of the targets.
#pragma once

#include "cli/fanout/presenter.h"

#include <memory>

namespace cbs::cli {

// Hands on to `shown` what happens on the first host that has not ended as it comes, and keeps the rest until it is its
// turn.
std::unique_ptr<Presenter> makeOrderedPresenter(std::unique_ptr<Presenter> shown, size_t hosts);

}  // namespace cbs::cli
