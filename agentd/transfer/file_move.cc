#include "agentd/transfer/file_move.h"

#include "agentd/transfer/crew.h"
#include "agentd/transfer/decision.h"
#include "agentd/transfer/sha256.h"

#include <kj/debug.h>

#include <algorithm>
#include <iterator>
#include <tuple>

namespace cbs::transfer {
namespace {

// A call for digests takes no longer than so many chunks, so that what was found is told now and then.
constexpr size_t kChunksInCall = 16;

std::vector<Range> chunksOf(uint64_t offset, uint64_t end) {
  std::vector<Range> chunks;
  for (; offset < end && chunks.size() < kChunksInCall; offset += FileMove::kChunk) {
    chunks.push_back({offset, std::min(FileMove::kChunk, end - offset)});
  }
  return chunks;
}

}  // namespace

FileMove::FileMove(MoveState& state, Entry file)
    : state_(state), file_(std::move(file)), start_(state.loop.timer.now()) {}

Task<Expected<void>> FileMove::run() {
  state_.ledger.moves(file_.path);
  auto moved = co_await attempt();
  if (!moved) co_return co_await giveUp(std::move(moved.error()));
  state_.writers.erase(*created_);
  counted_ = 0;
  state_.ledger.moved({.path = file_.path,
                       .what = Event::What::MOVED,
                       .bytes = file_.size,
                       .sha256 = std::move(sha256_),
                       .took = state_.loop.timer.now() - start_,
                       .resumedBytes = resumed_});
  co_return {};
}

Task<Expected<void>> FileMove::attempt() {
  auto creating = create();
  auto reader = co_await state_.source.open(file_);
  auto created = co_await creating;
  if (!reader) co_return fail(std::move(reader.error()));
  if (!created) co_return created;
  reader_ = kj::mv(*reader);

  auto result = co_await compareKept();
  if (result) result = co_await movePieces();
  if (result) result = co_await reader_->checkUnchanged();
  if (result && (state_.options.verify || resumes())) result = co_await verify();
  if (result) result = co_await writer().commit(file_);
  co_return result;
}

// The writer is known to the state as soon as there is one, whoever waits for it.
Task<Expected<void>> FileMove::create() {
  auto writer = co_await state_.sink.create(file_);
  if (!writer) co_return fail(std::move(writer.error()));
  state_.writers.push_back(kj::mv(*writer));
  created_ = std::prev(state_.writers.end());
  co_return {};
}

Task<Expected<void>> FileMove::compareKept() {
  const uint64_t kept = std::min(writer().kept(), file_.size);
  for (uint64_t offset = 0; offset < kept;) {
    auto chunks = chunksOf(offset, kept);
    auto both = co_await digests(chunks);
    if (!both) co_return fail(std::move(both.error()));
    for (size_t i = 0; i < chunks.size(); ++i) {
      both->first[i] == both->second[i] ? found(chunks[i].length) : mustMove(chunks[i]);
    }
    offset = chunks.back().offset + chunks.back().length;
  }
  mustMove({kept, file_.size - kept});
  co_return {};
}

void FileMove::mustMove(Range range) {
  if (range.length == 0) return;
  bool follows = !missing_.empty() && missing_.back().offset + missing_.back().length == range.offset;
  if (follows) {
    missing_.back().length += range.length;
  } else {
    missing_.push_back(range);
  }
}

void FileMove::found(uint64_t bytes) {
  resumed_ += bytes;
  counted_ += bytes;
  state_.ledger.found(bytes);
}

Task<Expected<void>> FileMove::movePieces() {
  const size_t pieceSize = std::max<size_t>(1, std::min(reader_->pieceSize(), writer().pieceSize()));
  Crew pieces;
  for (Range gap : missing_) {
    while (gap.length > 0) {
      const Range piece{gap.offset, std::min<uint64_t>(gap.length, pieceSize)};
      auto room = co_await pieces.fewerThan(kPiecesAtOnce);
      if (!room) co_return room;
      auto held = co_await allowanceBesides(pieces, piece.length);
      if (!held) co_return fail(std::move(held.error()));
      pieces.start(movePiece(piece, kj::mv(*held)));
      gap = {gap.offset + piece.length, gap.length - piece.length};
    }
  }
  co_return co_await pieces.all();
}

// Waits until so many bytes may pass and have room.
Task<Expected<Allotment::Part>> FileMove::allowance(size_t bytes) {
  co_await state_.pace(bytes);
  co_return co_await state_.budget.take(bytes);
}

// The same, but no longer than all is well with the pieces that are under way.
Task<Expected<Allotment::Part>> FileMove::allowanceBesides(Crew& pieces, size_t bytes) {
  using Held = Expected<Allotment::Part>;
  auto waiting = allowance(bytes);
  if (waiting.finished()) co_return waiting.take();
  auto failed = pieces.failure().promise().then([](Expected<void>&& why) -> Held { return fail(why.error()); });
  co_return co_await kj::mv(waiting).promise().exclusiveJoin(kj::mv(failed));
}

Task<Expected<void>> FileMove::movePiece(Range piece, Allotment::Part held) {
  auto bytes = co_await reader_->read(piece.offset, piece.length);
  if (!bytes) co_return fail(std::move(bytes.error()));
  if (bytes->size() < piece.length) co_return fail(co_await shrank());
  auto written = co_await writer().write(piece.offset, kj::mv(*bytes));
  if (!written) co_return written;
  counted_ += piece.length;
  state_.ledger.sent(piece.length);
  co_return {};
}

// The reader knows whose file it is.
Task<Error> FileMove::shrank() {
  Error error{ErrorKind::TRANSFER_FAILED, Reason::REMOTE_IO, ""};
  auto unchanged = co_await reader_->checkUnchanged();
  if (!unchanged) error = std::move(unchanged.error());
  if (!endsTransfer(error)) error.detail = "shrank while it was read";
  co_return error;
}

Task<Expected<void>> FileMove::verify() {
  Digests source{Sha256().digest()};
  Digests sink = source;
  if (file_.size > 0) {
    auto both = co_await digests({{0, file_.size}});
    if (!both) co_return fail(std::move(both.error()));
    std::tie(source, sink) = std::move(*both);
  }
  if (source != sink) {
    co_return fail(Error{ErrorKind::TRANSFER_FAILED, Reason::CHECKSUM_MISMATCH, "what arrived is not what was sent"}
                       .with("sourceSha256", hexOf(source.front()))
                       .with("sinkSha256", hexOf(sink.front())));
  }
  sha256_ = std::move(source.front());
  co_return {};
}

Task<Expected<std::pair<FileMove::Digests, FileMove::Digests>>> FileMove::digests(std::vector<Range> ranges) {
  auto reading = reader_->digests(ranges);
  auto writing = writer().digests(ranges);
  auto source = co_await reading;
  auto sink = co_await writing;
  if (!source) co_return fail(std::move(source.error()));
  if (!sink) co_return fail(std::move(sink.error()));
  KJ_REQUIRE(source->size() == ranges.size() && sink->size() == ranges.size());
  co_return std::pair(std::move(*source), std::move(*sink));
}

Task<Expected<void>> FileMove::giveUp(Error error) {
  if (endsTransfer(error)) co_return fail(error);
  state_.ledger.takeBack(std::exchange(counted_, 0));
  if (created_) {
    auto part = co_await writer().leave();
    state_.writers.erase(*created_);
    if (!part.empty()) error.facts.push_back({"part", std::move(part)});
  }
  co_return state_.ledger.failed(file_, error);
}

}  // namespace cbs::transfer
