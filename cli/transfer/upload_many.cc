#include "cli/transfer/upload_many.h"

#include "cli/fanout/many_hosts.h"
#include "cli/output/print.h"
#include "cli/transfer/source_root.h"
#include "cli/transfer/transfer_request.h"
#include "cli/transfer/upload_presenter.h"

#include <signal.h>
#include <sys/resource.h>

namespace cbs::cli {
namespace {

// They share the way out of this machine: more of them make none faster.
constexpr uint32_t kUploadsAtOnce = 64;

// Each upload opens the files by itself.
void allowManyDescriptors() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

Expected<void> checkSources(const UploadOrder& upload) {
  const TransferOptions& options = upload.options;
  SourceOptions source{options.recursive, options.followLinks, options.exclude};
  for (const auto& path : upload.places.from) {
    if (auto look = lookAtRoot(sourceRootOf(path), source); !look) return fail(look.error());
  }
  return {};
}

int runUploadOrder(const UploadOrder& upload, const DaemonPlace& place) {
  auto present = [&](TerminalConsole& console, Loop) -> Expected<std::unique_ptr<Presenter>> {
    return std::make_unique<UploadPresenter>(console, upload);
  };
  auto describe = [&](schema::FanOutRequest::Work::Builder work) {
    auto to = work.initUpload();
    describeUpload(upload.options, upload.places, to);
    return to.getCaller();
  };
  FanOutPace pace = upload.pace;
  if (pace.atOnce == 0) pace.atOnce = kUploadsAtOnce;
  bool forPeople = upload.format == Format::text;
  std::vector<int> signals = {SIGINT, SIGTERM, SIGHUP};
  return runOnMany({upload.targets, pace, signals, forPeople, upload.options.quiet, present, describe}, place);
}

}  // namespace

int uploadToMany(const UploadOrder& upload, const CommonOptions& common) {
  if (auto sources = checkSources(upload); !sources) return reportFailure(sources.error(), "", common.json());
  allowManyDescriptors();
  return runUploadOrder(upload, common.place());
}

}  // namespace cbs::cli
