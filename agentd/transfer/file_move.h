// The way of one large file, piece by piece.
#pragma once

#include "agentd/transfer/move_state.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace cbs::transfer {

class Crew;

class FileMove {
 public:
  static constexpr unsigned kPiecesAtOnce = 128;
  // How finely an earlier part is compared with the file.
  static constexpr uint64_t kChunk = uint64_t{8} * 1024 * 1024;

  FileMove(MoveState& state, Entry file);
  ~FileMove() { state_.ledger.takeBack(counted_); }
  KJ_DISALLOW_COPY(FileMove);

  // Moves the file and tells what has become of it. To be called once. Fails with what ends the transfer: the writer
  // stays among those of the state then, as it does when this is dropped.
  Task<Expected<void>> run();

 private:
  using Digests = std::vector<std::string>;

  Task<Expected<void>> attempt();
  Task<Expected<void>> create();
  Task<Expected<void>> compareKept();
  Task<Expected<void>> movePieces();
  Task<Expected<Allotment::Part>> allowance(size_t bytes);
  Task<Expected<Allotment::Part>> allowanceBesides(Crew& pieces, size_t bytes);
  Task<Expected<void>> movePiece(Range piece, Allotment::Part held);
  Task<Expected<void>> verify();
  Task<Expected<void>> giveUp(Error error);

  Task<Error> shrank();
  // Those of the source and of the sink.
  Task<Expected<std::pair<Digests, Digests>>> digests(std::vector<Range> ranges);
  Writer& writer() { return ***created_; }
  bool resumes() { return writer().kept() > 0; }
  void mustMove(Range range);
  void found(uint64_t bytes);

  MoveState& state_;
  const Entry file_;
  const kj::TimePoint start_;
  kj::Own<Reader> reader_;
  std::optional<std::list<kj::Own<Writer>>::iterator> created_;
  std::vector<Range> missing_;  // what is to be moved
  uint64_t resumed_ = 0;        // bytes of an earlier part that are right
  uint64_t counted_ = 0;        // bytes that the ledger has as in place, though the file is not yet
  std::string sha256_;
};

}  // namespace cbs::transfer
