// Failures of hosts as annotations of GitHub Actions.
#pragma once

#include "cli/fanout/console.h"
#include "cli/fanout/presenter.h"

#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace cbs::cli {

// `::error title=web1::exited with 3`, with a newline.
std::string githubError(std::string_view title, std::string_view message);

// Hands everything on to what `make` gives for a console whose lines GitHub does not obey, and in the end says on
// standard error what hosts have failed: of at most ten, as GitHub takes no more of a step. `console` outlives it.
std::unique_ptr<Presenter> makeGithubPresenter(Console& console,
                                               const std::function<std::unique_ptr<Presenter>(Console&)>& make);

}  // namespace cbs::cli
