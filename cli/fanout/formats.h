// In which of its formats `exec` on many hosts shows what happens.
#pragma once

#include "cli/fanout/presenter_needs.h"
#include "cli/options.h"

#include <memory>
#include <string>
#include <vector>

namespace cbs::cli {

// What is typed.
struct FormatOptions {
  bool gather = false;     // -b
  bool diff = false;       // --diff
  bool keepOrder = false;  // -k
  bool quiet = false;      // -q: no summary if all went well
  std::string outputDir;   // --output-dir
};

// All but -q are of the group kManyHosts.
void addFormatOptions(CLI::App& app, FormatOptions& options);

// What is wrong with them together, or "". `output` is text, json, ndjson or junit.
std::string checkFormatOptions(const FormatOptions& options, const std::string& output);

// Fails with transferFailed (fact `localPath`) if --output-dir cannot be used, and with usage if --diff finds no diff.
Expected<std::unique_ptr<Presenter>> makePresenter(const FormatOptions& options, const std::string& output,
                                                   PresenterNeeds needs);

}  // namespace cbs::cli
