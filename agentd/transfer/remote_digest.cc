#include "agentd/transfer/remote_digest.h"

#include "agentd/transfer/read_back.h"
#include "agentd/transfer/side_by_side.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace cbs::transfer {
namespace {

// That are read back side by side.
constexpr size_t kFilesAtOnce = 4;

Task<Expected<std::vector<std::string>>> readBackSomewhere(Streams& streams, std::string path,
                                                           std::vector<Range> ranges) {
  auto place = co_await streams.place(kReadBackAtOnce);
  if (!place) co_return fail(place.error());
  co_return co_await readBack(place->sftp(), kj::mv(path), kj::mv(ranges));
}

// The digests of the first ranges, as many as the host gives.
Task<std::vector<std::string>> askHost(DigestHost& host, std::string path, std::vector<Range> ranges) {
  std::vector<std::string> digests;
  while (digests.size() < ranges.size()) {
    auto script = digestScript(path, ranges, digests.size());
    if (!script) break;
    auto some = co_await host.run(kj::mv(*script));
    if (!some) break;
    auto given = std::find(some->begin(), some->end(), "");
    const bool complete = given == some->end();
    std::move(some->begin(), given, std::back_inserter(digests));
    if (!complete) break;
  }
  co_return digests;
}

// "" for those that the host does not give.
Task<std::vector<std::string>> askHost(DigestHost& host, std::vector<std::string> paths) {
  std::vector<std::string> digests;
  while (digests.size() < paths.size()) {
    auto some = co_await host.run(digestScript(paths, digests.size()));
    if (!some) break;
    std::move(some->begin(), some->end(), std::back_inserter(digests));
  }
  digests.resize(paths.size());
  co_return digests;
}

Task<Expected<std::string>> readBackWhole(Streams& streams, std::string path) {
  std::vector<Range> whole{{0, UINT64_MAX}};
  auto digests = co_await readBackSomewhere(streams, kj::mv(path), kj::mv(whole));
  if (!digests) co_return fail(digests.error());
  co_return kj::mv(digests->front());
}

}  // namespace

Task<Expected<std::vector<std::string>>> remoteDigests(Streams& streams, DigestHost& host, std::string path,
                                                       std::vector<Range> ranges) {
  auto digests = co_await askHost(host, path, ranges);
  if (digests.size() == ranges.size()) co_return digests;
  ranges.erase(ranges.begin(), ranges.begin() + static_cast<ptrdiff_t>(digests.size()));
  auto rest = co_await readBackSomewhere(streams, kj::mv(path), kj::mv(ranges));
  if (!rest) co_return fail(rest.error());
  std::move(rest->begin(), rest->end(), std::back_inserter(digests));
  co_return digests;
}

Task<std::vector<Expected<std::string>>> remoteDigests(Streams& streams, DigestHost& host,
                                                       std::vector<std::string> paths) {
  auto given = co_await askHost(host, paths);
  std::vector<Expected<std::string>> digests(given.begin(), given.end());
  std::vector<size_t> missing;
  for (size_t i = 0; i < paths.size(); ++i) {
    if (given[i].empty()) missing.push_back(i);
  }
  co_await eachAtOnce(missing.size(), kFilesAtOnce, [&](size_t i) -> Task<void> {
    digests[missing[i]] = co_await readBackWhole(streams, paths[missing[i]]);
  });
  co_return digests;
}

}  // namespace cbs::transfer
