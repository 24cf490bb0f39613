// `exec --output junit`: a report that CI servers take, with a test case for each host.
#pragma once

#include "cli/fanout/presenter_needs.h"

#include <memory>

namespace cbs::cli {

// Printed in the end, as its head has the figures. A command that did not exit with 0 is a <failure>; what cbsession
// could not do is an <error>; a host that never began is <skipped>.
std::unique_ptr<Presenter> makeJunitPresenter(PresenterNeeds needs);

}  // namespace cbs::cli
