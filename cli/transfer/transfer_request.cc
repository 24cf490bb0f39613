#include "cli/transfer/transfer_request.h"

#include "cli/bytes.h"
#include "cli/daemon/caller_context.h"
#include "cli/exec/prompter.h"
#include "cli/transfer/file_sink.h"
#include "cli/transfer/file_source.h"

namespace cbs::cli {
namespace {

void describeOptions(const TransferOptions& options, bool tellAll, schema::TransferOptions::Builder to) {
  to.setRecursive(options.recursive);
  to.setFollowLinks(options.followLinks);
  auto exclude = to.initExclude(static_cast<unsigned>(options.exclude.size()));
  for (unsigned i = 0; i < exclude.size(); ++i) exclude.set(i, bytesOf(options.exclude[i]));
  to.setPreserve(options.preserve);
  to.setDelete(options.deleteExtras);
  to.setDryRun(options.dryRun);
  to.setChecksum(options.checksum);
  to.setResume(options.resume);
  to.setVerify(options.verify);
  to.setFsync(options.fsync);
  to.setStreams(options.streams);
  to.setLimitRate(options.limitRate);
  to.setTellAll(tellAll);
}

}  // namespace

void describePlace(const std::string& target, const std::vector<std::string>& paths, schema::RemotePlace::Builder to) {
  to.setTarget(target.c_str());
  auto list = to.initPaths(static_cast<unsigned>(paths.size()));
  for (unsigned i = 0; i < list.size(); ++i) list.set(i, bytesOf(paths[i]));
}

void describeAsker(Loop loop, bool askPass, schema::CallerContext::Builder to) {
  describeCaller(to);
  to.setAskPass(askPass);
  static const TerminalUsers kNobody;
  if (TerminalPrompter::possible()) to.setPrompter(kj::heap<TerminalPrompter>(loop, kNobody));
}

void describeTransfer(Loop loop, const TransferOptions& options, const TransferPlaces& places, bool tellAll,
                      schema::TransferRequest::Builder to) {
  if (places.fromTarget.empty()) {
    to.getFrom().setCaller(makeFileSource(places.from, {options.recursive, options.followLinks, options.exclude}));
  } else {
    describePlace(places.fromTarget, places.from, to.getFrom().initHost());
  }
  if (places.toTarget.empty()) {
    to.getTo().setCaller(makeFileSink(places.to));
  } else {
    describePlace(places.toTarget, {places.to}, to.getTo().initHost());
  }
  describeOptions(options, tellAll, to.initOptions());
  to.setConnectTimeoutMs(options.connectTimeoutMs);
  describeAsker(loop, options.askPass, to.initCaller());
}

void describeUpload(const TransferOptions& options, const TransferPlaces& places,
                    schema::FanOutRequest::Work::Upload::Builder to) {
  to.setSources(makeFileSources(places.from, {options.recursive, options.followLinks, options.exclude}));
  to.setPath(bytesOf(places.to));
  describeOptions(options, false, to.initOptions());
  to.setConnectTimeoutMs(options.connectTimeoutMs);
  describeCaller(to.initCaller());
  to.getCaller().setAskPass(options.askPass);
}

}  // namespace cbs::cli
