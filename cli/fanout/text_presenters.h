// The presenters for people.
#pragma once

#include "cli/fanout/presenter_needs.h"

#include <memory>

namespace cbs::cli {

// Each line with its host's name before it, as it comes.
std::unique_ptr<Presenter> makeLinePresenter(PresenterNeeds needs);

}  // namespace cbs::cli
