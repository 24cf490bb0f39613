#include "cli/fanout/formats.h"

#include "cli/fanout/fan_out_options.h"
#include "cli/fanout/folder_presenter.h"
#include "cli/fanout/gather_presenter.h"
#include "cli/fanout/github_annotations.h"
#include "cli/fanout/github_console.h"
#include "cli/fanout/json_presenter.h"
#include "cli/fanout/junit_presenter.h"
#include "cli/fanout/ndjson_presenter.h"
#include "cli/fanout/ordered_presenter.h"
#include "cli/fanout/text_presenters.h"
#include "cli/fanout/unified_diff.h"

#include <cstdlib>
#include <string_view>

namespace cbs::cli {
namespace {

bool underGithubActions() {
  const char* value = getenv("GITHUB_ACTIONS");
  return value != nullptr && std::string_view(value) == "true";
}

// What is shown in it is chosen by name, even if it is in files as well.
bool choosesText(const FormatOptions& options) { return options.gather || options.diff || options.keepOrder; }

std::unique_ptr<Presenter> makeTextPresenter(const FormatOptions& options, const PresenterNeeds& needs) {
  if (options.diff) return makeDiffPresenter(needs);
  if (options.gather) return makeGatherPresenter(needs);
  auto lines = makeLinePresenter(needs);
  return options.keepOrder ? makeOrderedPresenter(std::move(lines), needs.targets.size()) : std::move(lines);
}

std::unique_ptr<Presenter> makeShown(const FormatOptions& options, const std::string& output,
                                     const PresenterNeeds& needs) {
  if (output == "json") return makeJsonPresenter(needs);
  if (output == "ndjson") return makeNdjsonPresenter(needs);
  if (output == "junit") return makeJunitPresenter(needs);
  if (!underGithubActions()) return makeTextPresenter(options, needs);
  return makeGithubPresenter(needs.console, [&](Console& console) {
    return makeTextPresenter(options, {needs.targets, needs.command, console, needs.loop});
  });
}

}  // namespace

void addFormatOptions(CLI::App& app, FormatOptions& options) {
  app.add_flag("-b,--gather", options.gather, "Show what hosts print in the end, and what is alike once")
      ->group(kManyHosts);
  app.add_flag("--diff", options.diff, "As -b, but of all groups behind the largest how they differ from it")
      ->group(kManyHosts);
  app.add_flag("-k,--keep-order", options.keepOrder, "Show lines host by host, in the order of the targets")
      ->group(kManyHosts);
  app.add_option("--output-dir", options.outputDir, "Write HOST.out and HOST.err into this folder")
      ->type_name("DIR")
      ->group(kManyHosts);
  app.add_flag("-q,--quiet", options.quiet, "Of many hosts, no summary if all went well");
}

std::string checkFormatOptions(const FormatOptions& options, const std::string& output) {
  int chosen = int{options.gather} + int{options.diff} + int{options.keepOrder};
  if (chosen > 1) return "of -b, --diff and -k only one makes sense";
  if (chosen == 1 && output != "text") return "-b, --diff and -k are for text: leave out --output " + output;
  return "";
}

Expected<std::unique_ptr<Presenter>> makePresenter(const FormatOptions& options, const std::string& output,
                                                   PresenterNeeds needs) {
  if (options.diff && !diffIsInstalled()) {
    return fail(ErrorKind::USAGE, Reason::BAD_REQUEST, "--diff needs the program diff, which is not installed");
  }
  auto shown = makeShown(options, output, needs);
  if (options.outputDir.empty()) return shown;
  auto folder = OutputFolder::open(options.outputDir);
  if (!folder) return fail(folder.error());
  bool showsOutput = output != "text" || choosesText(options);
  return makeFolderPresenter(kj::mv(*folder), needs.targets, std::move(shown), showsOutput);
}

}  // namespace cbs::cli
