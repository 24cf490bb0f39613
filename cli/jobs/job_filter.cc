#include "cli/jobs/job_filter.h"

#include "cli/jobs/text_list.h"

#include <capnp/schema.h>

#include <algorithm>
#include <optional>

namespace cbs::cli {
namespace {

std::optional<schema::JobState> stateNamed(const std::string& name) {
  for (auto state : capnp::Schema::from<schema::JobState>().getEnumerants()) {
    if (name == state.getProto().getName().cStr()) return static_cast<schema::JobState>(state.getOrdinal());
  }
  return std::nullopt;
}

}  // namespace

tl::expected<std::vector<schema::JobState>, std::string> readStates(const std::string& typed) {
  std::vector<schema::JobState> states;
  if (typed.empty()) return states;
  for (size_t begin = 0; begin <= typed.size();) {
    size_t end = std::min(typed.find(',', begin), typed.size());
    std::string name = typed.substr(begin, end - begin);
    auto state = stateNamed(name);
    if (!state) return tl::unexpected("'" + name + "' is none of queued, waiting, running and ended");
    states.push_back(*state);
    begin = end + 1;
  }
  return states;
}

void describeFilter(const JobFilterOptions& options, schema::JobFilter::Builder to) {
  setTexts(to.initJobs(static_cast<unsigned>(options.jobs.size())), options.jobs);
  auto states = to.initStates(static_cast<unsigned>(options.states.size()));
  for (unsigned i = 0; i < states.size(); ++i) states.set(i, options.states[i]);
  describeLabels(options.labels, to.initLabels(static_cast<unsigned>(options.labels.size())));
  to.setTarget(options.target.c_str());
  to.setLimit(options.limit);
  to.setFailed(options.failed);
}

}  // namespace cbs::cli
