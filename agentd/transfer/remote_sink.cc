#include "agentd/transfer/remote_sink.h"

#include "agentd/transfer/remote_digest.h"
#include "agentd/transfer/remote_files.h"
#include "agentd/transfer/remote_look.h"
#include "agentd/transfer/remote_make.h"
#include "agentd/transfer/remote_writer.h"

namespace cbs::transfer {

RemoteSink::RemoteSink(Loop loop, Streams& streams, Channels& channels, std::string destination, const Options& options,
                       PartsInUse& parts, std::string hostKey)
    : destination_(kj::mv(destination)), target_(loop.timer, streams, channels, options, parts, kj::mv(hostKey)) {}

Task<Expected<std::string>> RemoteSink::begin(Roots roots) {
  if (roots.first.kind == Kind::FILE) target_.streams.expect(roots.first.size);
  auto place = co_await RemotePlace::find(target_.streams.first(), destination_, kj::mv(roots), target_.options.dryRun);
  if (!place) co_return fail(place.error());
  target_.place = kj::mv(*place);
  target_.folders.begin();
  co_return target_.place.path();
}

Task<std::vector<Sink::Standing>> RemoteSink::look(std::vector<Entry> entries) {
  return lookAt(target_, kj::mv(entries));
}

Task<std::vector<Expected<void>>> RemoteSink::make(std::vector<Entry> entries) {
  return makeAll(target_, kj::mv(entries));
}

Task<std::vector<Expected<void>>> RemoteSink::put(std::vector<SmallFile> files) {
  return putAll(target_, kj::mv(files));
}

Task<Expected<kj::Own<Writer>>> RemoteSink::create(Entry file) { return RemoteWriter::create(target_, kj::mv(file)); }

Task<std::vector<Expected<std::string>>> RemoteSink::digests(std::vector<Entry> files) {
  std::vector<Expected<std::string>> results;
  std::vector<size_t> asked;
  std::vector<std::string> paths;
  for (const auto& file : files) {
    auto taken = target_.check(file.path);
    results.emplace_back(taken ? Expected<std::string>() : fail(taken.error()));
    if (!taken) continue;
    asked.push_back(results.size() - 1);
    paths.push_back(target_.place.at(file.path));
  }
  auto digests = co_await remoteDigests(target_.streams, target_.digestHost, kj::mv(paths));
  for (size_t i = 0; i < asked.size(); ++i) results[asked[i]] = kj::mv(digests[i]);
  co_return results;
}

Task<Expected<Sink::Finished>> RemoteSink::finish(bool complete) {
  Finished finished;
  auto& sftp = target_.streams.first();
  if (complete && target_.options.deleteExtras) {
    if (!extras_) extras_.emplace(target_);
    finished.done = co_await extras_->deleteSome(finished);
    if (sftp.broken()) co_return fail(*sftp.breakage());
  }
  if (finished.done && !target_.options.dryRun) {
    co_await removeTemporaries(target_);
    for (auto& error : co_await target_.folders.settle()) finished.errors.push_back(kj::mv(error));
  }
  if (sftp.broken() && !finished.errors.empty()) co_return fail(*sftp.breakage());
  co_return finished;
}

}  // namespace cbs::transfer
