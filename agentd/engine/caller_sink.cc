#include "agentd/engine/caller_sink.h"

#include "agentd/engine/caller_answer.h"
#include "agentd/engine/caller_file.h"
#include "agentd/engine/transfer_codec.h"

namespace cbs::engine {
namespace {

using transfer::Entry;
using transfer::LocalFile;

CallerSink::Standing standingOf(schema::FileSink::Standing::Reader from) {
  if (auto told = resultOf(from.getError()); !told) return fail(told.error());
  if (!from.getPresent()) return std::optional<Entry>();
  auto entry = decode(from.getEntry());
  if (!entry) return fail(entry.error());
  return std::optional<Entry>(kj::mv(*entry));
}

// The results of `count` things, whether the caller has answered or not.
template <typename Answer>
std::vector<Expected<void>> resultsOf(const Expected<Answer>& answer, size_t count) {
  if (!answer) return std::vector<Expected<void>>(count, fail(answer.error()));
  auto errors = answer->getErrors();  // once: each time counts as if the whole list were read
  std::vector<Expected<void>> results;
  for (unsigned i = 0; i < count; ++i) {
    results.push_back(i < errors.size() ? resultOf(errors[i]) : incomplete());
  }
  return results;
}

template <typename Builder>
void encodeAll(const std::vector<Entry>& entries, Builder list) {
  for (unsigned i = 0; i < list.size(); ++i) encode(entries[i], list[i]);
}

}  // namespace

Error CallerSink::about(std::string place, Error error) const {
  return std::move(error).with("localPath", std::move(place));
}

Task<Expected<std::string>> CallerSink::begin(transfer::Roots roots) {
  auto request = files_.beginRequest();
  request.setRoots(roots.count);
  encode(roots.first, request.initFirst());
  encode(options_, request.initOptions());
  auto answer = co_await askCaller(loop_, request.send());
  if (!answer) co_return fail(answer.error());
  if (auto begun = resultOf(answer->getError()); !begun) co_return fail(begun.error());
  roots_ = kj::mv(roots);
  place_ = bytesOf(answer->getPath());
  co_return place_;
}

Task<std::vector<CallerSink::Standing>> CallerSink::look(std::vector<Entry> entries) {
  auto request = files_.lookRequest();
  encodeAll(entries, request.initEntries(static_cast<unsigned>(entries.size())));
  auto answer = co_await askCaller(loop_, request.send());
  if (!answer) co_return std::vector<Standing>(entries.size(), fail(answer.error()));
  auto told = answer->getStandings();
  std::vector<Standing> standings;
  for (unsigned i = 0; i < entries.size(); ++i) {
    standings.push_back(i < told.size() ? standingOf(told[i]) : incomplete());
  }
  co_return kj::mv(standings);
}

Task<std::vector<Expected<void>>> CallerSink::make(std::vector<Entry> entries) {
  auto request = files_.makeRequest();
  encodeAll(entries, request.initEntries(static_cast<unsigned>(entries.size())));
  auto answer = co_await askCaller(loop_, request.send());
  co_return resultsOf(answer, entries.size());
}

Task<std::vector<Expected<void>>> CallerSink::put(std::vector<transfer::SmallFile> files) {
  auto request = files_.putRequest();
  auto list = request.initFiles(static_cast<unsigned>(files.size()));
  for (unsigned i = 0; i < list.size(); ++i) {
    encode(files[i].entry, list[i].initEntry());
    list[i].setBytes(files[i].bytes);
  }
  auto answer = co_await askCaller(loop_, request.send());
  co_return resultsOf(answer, files.size());
}

Task<Expected<kj::Own<transfer::Writer>>> CallerSink::create(Entry file) {
  auto request = files_.createRequest();
  encode(file, request.initEntry());
  request.setResume(options_.resume);
  auto answer = co_await askCaller(loop_, request.send());
  if (!answer) co_return fail(answer.error());
  if (auto created = resultOf(answer->getError()); !created) co_return fail(created.error());
  auto local = co_await adoptFile(loop_, threads_, answer->getFile(), LocalFile::Use::WRITE);
  if (!local) co_return fail(local.error());
  co_return kj::Own<transfer::Writer>(kj::heap<CallerWriter>(
      loop_, kj::mv(*local), transfer::placeOf(file.path, place_, roots_), answer->getWriting(), answer->getKept()));
}

Task<Expected<std::string>> CallerSink::digest(std::string path) {
  auto request = files_.existingRequest();
  request.setPath(dataOf(path));
  auto answer = co_await askCaller(loop_, request.send());
  if (!answer) co_return fail(answer.error());
  if (auto opened = resultOf(answer->getError()); !opened) co_return fail(opened.error());
  auto local = co_await adoptFile(loop_, threads_, answer->getFile(), LocalFile::Use::READ);
  if (!local) co_return fail(local.error());
  co_return co_await local->digest(0, UINT64_MAX);
}

Task<std::vector<Expected<std::string>>> CallerSink::digests(std::vector<Entry> files) {
  std::vector<Expected<std::string>> digests;
  for (const Entry& file : files) digests.push_back(co_await digest(file.path));
  co_return kj::mv(digests);
}

Task<Expected<CallerSink::Finished>> CallerSink::finish(bool complete) {
  auto request = files_.finishRequest();
  request.setComplete(complete);
  auto answer = co_await askCaller(loop_, request.send());
  if (!answer) co_return fail(answer.error());
  Finished finished;
  for (auto path : answer->getDeleted()) finished.deleted.push_back(bytesOf(path));
  for (auto error : answer->getErrors()) finished.errors.push_back(decode(error));
  finished.done = answer->getDone();
  co_return kj::mv(finished);
}

}  // namespace cbs::engine
