#include "cli/fanout/gather_presenter.h"

#include "cli/fanout/output_groups.h"
#include "cli/fanout/shown_text.h"
#include "cli/fanout/summary.h"
#include "cli/fanout/unified_diff.h"
#include "cli/nodes/targets.h"
#include "cli/output/printable.h"

namespace cbs::cli {
namespace {

constexpr const char* kRule = "---------------\n";

class GatherPresenter final : public Presenter {
 public:
  GatherPresenter(PresenterNeeds needs, bool differences) : needs_(needs), differences_(differences) {}

  Task<Expected<void>> started(uint32_t) override { co_return Expected<void>(); }

  Task<Expected<void>> output(uint32_t host, schema::OutputStream stream, kj::ArrayPtr<const kj::byte> bytes) override {
    auto& groups = stream == schema::OutputStream::STDOUT ? stdout_ : stderr_;
    co_return groups.append(host, bytes);
  }

  Task<Expected<void>> ended(uint32_t host, const HostEnd& end) override {
    auto closed = stdout_.close(host, differences_ && end.succeeded());
    co_return closed ? stderr_.close(host) : closed;
  }

  Task<Expected<void>> finish(const FanOutResults&) override {
    auto shown = co_await show(schema::OutputStream::STDOUT, stdout_);
    if (!shown) co_return shown;
    co_return co_await show(schema::OutputStream::STDERR, stderr_);
  }

 private:
  using Group = OutputGroups::Group;

  Task<Expected<void>> show(schema::OutputStream stream, OutputGroups& gathered) {
    auto groups = gathered.finish();
    if (!groups) co_return fail(groups.error());
    bool nobodyPrinted = groups->empty() || (groups->size() == 1 && groups->front().text.empty());
    if (nobodyPrinted) co_return Expected<void>();
    if (differences_) co_return co_await showDifferences(stream, *groups);
    for (Group& group : *groups) {
      auto shown = co_await showWhole(stream, group);
      if (!shown) co_return shown;
      spool_.drop(group.text);
    }
    co_return Expected<void>();
  }

  Task<Expected<void>> showDifferences(schema::OutputStream stream, const std::vector<Group>& groups) {
    auto shown = co_await showWhole(stream, groups.front());
    if (!shown || groups.size() == 1) co_return shown;
    auto first = makeDiffSide(labelOf(groups.front()), spool_, groups.front().text);
    if (!first) co_return fail(first.error());
    for (size_t i = 1; i < groups.size() && shown; ++i) shown = co_await showDifference(stream, *first, groups[i]);
    co_return shown;
  }

  Task<Expected<void>> showWhole(schema::OutputStream stream, const Group& group) {
    auto written = co_await needs_.console.write(stream, header(stream, group));
    if (!written) co_return written;
    co_return co_await showText(needs_.console, stream, spool_, group.text);
  }

  Task<Expected<void>> showDifference(schema::OutputStream stream, const DiffSide& first, const Group& group) {
    auto other = makeDiffSide(labelOf(group), spool_, group.text);
    if (!other) co_return fail(other.error());
    auto written = co_await needs_.console.write(stream, header(stream, group));
    if (!written) co_return written;
    co_return co_await showDiff(needs_.loop, needs_.console, stream, first, *other);
  }

  std::string labelOf(const Group& group) const { return foldedBriefly(namesOf(group)); }

  std::string header(schema::OutputStream stream, const Group& group) const {
    std::string text = printable(foldTargets(namesOf(group)));
    if (group.hosts.size() > 1) text += " (" + std::to_string(group.hosts.size()) + ")";
    if (stream == schema::OutputStream::STDERR) text += " on standard error";
    if (needs_.console.coloured(stream)) text = "\x1b[1m" + text + "\x1b[0m";
    return kRule + text + "\n" + kRule;
  }

  std::vector<std::string> namesOf(const Group& group) const {
    std::vector<std::string> names;
    names.reserve(group.hosts.size());
    for (uint32_t host : group.hosts) names.push_back(needs_.targets[host]);
    return names;
  }

  const PresenterNeeds needs_;
  const bool differences_;
  Spool spool_;
  OutputGroups stdout_{spool_};
  OutputGroups stderr_{spool_};
};

}  // namespace

std::unique_ptr<Presenter> makeGatherPresenter(PresenterNeeds needs) {
  return std::make_unique<GatherPresenter>(needs, false);
}

std::unique_ptr<Presenter> makeDiffPresenter(PresenterNeeds needs) {
  return std::make_unique<GatherPresenter>(needs, true);
}

}  // namespace cbs::cli
