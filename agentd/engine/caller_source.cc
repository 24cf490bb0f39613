#include "agentd/engine/caller_source.h"

#include "agentd/engine/caller_answer.h"
#include "agentd/engine/caller_file.h"
#include "agentd/engine/transfer_codec.h"

#include <algorithm>

namespace cbs::engine {
namespace {

using transfer::Bytes;
using transfer::Entry;

// What one answer of the caller's says about one small file.
Expected<Bytes> contentOf(schema::FileSource::Content::Reader content) {
  if (auto read = resultOf(content.getError()); !read) return fail(kj::mv(read.error()));
  if (content.getBytes().size() > transfer::kSmallFile)
    return fail(ErrorKind::USAGE, Reason::BAD_REQUEST, "more bytes than a small file has");
  return kj::heapArray<kj::byte>(content.getBytes());
}

}  // namespace

Task<Expected<transfer::Roots>> CallerSource::roots() {
  auto answer = co_await askCaller(loop_, files_.rootsRequest().send());
  if (!answer) co_return fail(answer.error());
  if (auto told = resultOf(answer->getError()); !told) co_return fail(kj::mv(told.error()));
  auto first = decode(answer->getFirst());
  if (!first) co_return fail(first.error());
  co_return transfer::Roots{answer->getCount(), kj::mv(*first)};
}

Task<Expected<CallerSource::Batch>> CallerSource::next() {
  auto answer = co_await askCaller(loop_, files_.nextRequest().send());
  if (!answer) co_return fail(answer.error());
  Batch batch;
  for (auto entry : answer->getEntries()) {
    auto decoded = decode(entry);
    if (!decoded) co_return fail(kj::mv(decoded.error()));
    batch.entries.push_back(kj::mv(*decoded));
  }
  for (auto error : answer->getErrors()) batch.errors.push_back(decode(error));
  batch.done = answer->getDone();
  co_return kj::mv(batch);
}

Task<std::vector<Expected<Bytes>>> CallerSource::readWhole(std::vector<Entry> files) {
  auto request = files_.readRequest();
  auto ids = request.initIds(static_cast<unsigned>(files.size()));
  for (unsigned i = 0; i < ids.size(); ++i) ids.set(i, files[i].id);
  auto answer = co_await askCaller(loop_, request.send());
  std::vector<Expected<Bytes>> contents;
  auto failAll = [&](const Error& error) {
    for (size_t i = contents.size(); i < files.size(); ++i) contents.push_back(fail(error));
    return kj::mv(contents);
  };
  if (!answer) co_return failAll(answer.error());
  auto told = answer->getFiles();  // once: each time counts as if the whole list were read
  for (unsigned i = 0; i < std::min<size_t>(files.size(), told.size()); ++i) contents.push_back(contentOf(told[i]));
  co_return failAll(incomplete().value());
}

Task<Expected<transfer::LocalFile>> CallerSource::openFile(uint64_t id) {
  auto request = files_.openRequest();
  request.setId(id);
  auto answer = co_await askCaller(loop_, request.send());
  if (!answer) co_return fail(answer.error());
  if (auto opened = resultOf(answer->getError()); !opened) co_return fail(kj::mv(opened.error()));
  co_return co_await adoptFile(loop_, threads_, answer->getFile(), transfer::LocalFile::Use::READ);
}

Task<Expected<kj::Own<transfer::Reader>>> CallerSource::open(Entry file) {
  auto local = co_await openFile(file.id);
  if (!local) co_return fail(local.error());
  co_return kj::Own<transfer::Reader>(kj::heap<CallerReader>(kj::mv(*local), kj::mv(file)));
}

Task<std::vector<Expected<std::string>>> CallerSource::digests(std::vector<Entry> files) {
  std::vector<Expected<std::string>> digests;
  for (const Entry& file : files) {
    auto local = co_await openFile(file.id);
    if (!local) {
      digests.push_back(fail(local.error()));
      continue;
    }
    digests.push_back(co_await local->digest(0, UINT64_MAX));
  }
  co_return kj::mv(digests);
}

}  // namespace cbs::engine
