#include "agentd/transfer/remote_source.h"

#include "agentd/transfer/remote_digest.h"
#include "agentd/transfer/remote_reader.h"
#include "agentd/transfer/remote_whole.h"
#include "agentd/transfer/side_by_side.h"

#include <kj/debug.h>

namespace cbs::transfer {
namespace {

constexpr size_t kMostAtOnce = 64;

}  // namespace

RemoteSource::RemoteSource(Loop loop, Streams& streams, Channels& channels, std::vector<std::string> paths,
                           const Options& options)
    : streams_(streams), digestHost_(loop.timer, channels), paths_(kj::mv(paths)), options_(options) {}

Task<Expected<Roots>> RemoteSource::roots() {
  auto found = co_await findRoots(streams_.first(), closing_, paths_, options_);
  if (!found) co_return fail(kj::mv(found.error()));
  if (found->roots.empty()) {
    if (found->errors.empty()) co_return fail(ErrorKind::USAGE, Reason::BAD_REQUEST, "there is nothing to move");
    co_return fail(kj::mv(found->errors.front().error));
  }
  roots_ = kj::mv(found->roots);
  Roots roots{static_cast<unsigned>(roots_.size() + found->errors.size()), roots_.front().entry};
  if (roots.first.kind == Kind::FILE) streams_.expect(roots.first.size);
  walk_ = kj::heap<RemoteWalk>(streams_.first(), closing_, options_, roots_, kj::mv(found->errors));
  co_return roots;
}

Task<Expected<Source::Batch>> RemoteSource::next() { return walk_->next(); }

std::string RemoteSource::pathOf(const Entry& file) const {
  KJ_REQUIRE(file.id < roots_.size());
  return roots_[file.id].pathOf(file.path);
}

Task<std::vector<Expected<Bytes>>> RemoteSource::readWhole(std::vector<Entry> files) {
  co_return co_await sideBySide<Expected<Bytes>>(files.size(), kMostAtOnce, [&](size_t i) {
    return readWholeFile(streams_, closing_, pathOf(files[i]), files[i].size);
  });
}

Task<Expected<kj::Own<Reader>>> RemoteSource::open(Entry file) {
  auto reader = kj::heap<RemoteReader>(streams_, digestHost_, closing_, pathOf(file), file);
  auto opened = co_await reader->open();
  if (!opened) co_return fail(kj::mv(opened.error()));
  co_return kj::Own<Reader>(kj::mv(reader));
}

Task<std::vector<Expected<std::string>>> RemoteSource::digests(std::vector<Entry> files) {
  std::vector<std::string> paths;
  paths.reserve(files.size());
  for (const auto& file : files) paths.push_back(pathOf(file));
  return remoteDigests(streams_, digestHost_, kj::mv(paths));
}

}  // namespace cbs::transfer
