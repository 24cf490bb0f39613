#include "agentd/engine/caller_file.h"

#include "agentd/engine/caller_answer.h"
#include "agentd/engine/transfer_codec.h"

namespace cbs::engine {
namespace {

using transfer::LocalFile;
using transfer::Range;

// As much as one message of SFTP carries at most, about: a larger piece would only be cut up.
constexpr size_t kPiece = size_t{255} * 1024;

Task<Expected<std::vector<std::string>>> digestsOf(const LocalFile& file, std::vector<Range> ranges) {
  std::vector<std::string> digests;
  for (const Range& range : ranges) {
    auto digest = co_await file.digest(range.offset, range.length);
    if (!digest) co_return fail(kj::mv(digest.error()));
    digests.push_back(kj::mv(*digest));
  }
  co_return digests;
}

}  // namespace

Task<Expected<LocalFile>> adoptFile(Loop loop, Turnstile threads, schema::OpenFile::Client file, LocalFile::Use use) {
  auto descriptor = co_await file.getFd();
  KJ_IF_MAYBE (fd, descriptor) {
    co_return LocalFile::adopt(loop, std::move(threads), *fd, use);
  }
  co_return fail(ErrorKind::TRANSFER_FAILED, Reason::LOCAL_IO, "no file descriptor came with the answer");
}

size_t CallerReader::pieceSize() const { return kPiece; }

Task<Expected<transfer::Bytes>> CallerReader::read(uint64_t offset, size_t length) {
  return file_.read(offset, length);
}

Task<Expected<std::vector<std::string>>> CallerReader::digests(std::vector<Range> ranges) {
  return digestsOf(file_, kj::mv(ranges));
}

Task<Expected<void>> CallerReader::checkUnchanged() {
  auto now = file_.stamp();
  if (now == before_ && now.size == entry_.size) co_return {};
  co_return fail(Error{ErrorKind::TRANSFER_FAILED, Reason::LOCAL_IO, entry_.path + " changed while it was read"});
}

size_t CallerWriter::pieceSize() const { return kPiece; }

Task<Expected<void>> CallerWriter::write(uint64_t offset, transfer::Bytes bytes) {
  auto written = co_await file_.write(offset, kj::mv(bytes));
  if (!written) co_return fail(std::move(written.error()).with("localPath", place_));
  co_return {};
}

Task<Expected<std::vector<std::string>>> CallerWriter::digests(std::vector<Range> ranges) {
  return digestsOf(file_, kj::mv(ranges));
}

Task<Expected<void>> CallerWriter::commit(transfer::Entry entry) {
  auto request = writing_.commitRequest();
  encode(entry, request.initEntry());
  auto answer = co_await askCaller(loop_, request.send());
  if (!answer) co_return fail(answer.error());
  co_return resultOf(answer->getError());
}

Task<std::string> CallerWriter::leave() {
  auto answer = co_await askCaller(loop_, writing_.leaveRequest().send());
  if (!answer) co_return "";
  co_return bytesOf(answer->getPart());
}

}  // namespace cbs::engine
