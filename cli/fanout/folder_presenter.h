// What many hosts print, in files.
#pragma once

#include "cli/fanout/output_folder.h"
#include "cli/fanout/presenter.h"

#include <memory>

namespace cbs::cli {

// Writes what hosts print into files as it comes, and hands everything on to `shown`; what they print only if it
// `showsOutput`. Each host whose command was sent has its `.out`.
std::unique_ptr<Presenter> makeFolderPresenter(OutputFolder folder, const std::vector<std::string>& targets,
                                               std::unique_ptr<Presenter> shown, bool showsOutput);

}  // namespace cbs::cli
