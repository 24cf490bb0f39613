// Hears of a transfer, prints what is to be told at once, and keeps what the report needs.
#pragma once

#include "cli/transfer/progress_display.h"
#include "cli/transfer/transfer_json.h"
#include "cli/transfer/transfer_run.h"

#include <optional>
#include <set>

namespace cbs::cli {

enum class Format { text, json, ndjson };

class TransferLog final : public TransferListener {
 public:
  // What it refers to outlives it.
  TransferLog(kj::Timer& timer, const TransferOptions& options, const TransferPlaces& places, Format format);

  void progress(schema::TransferProgress::Reader progress) override;
  void events(capnp::List<schema::TransferEvent>::Reader events) override;

  // Prints the end, and gives the exit code.
  int report(TransferEnd end);

 private:
  void note(schema::TransferEvent::Reader event);
  void noteFailure(schema::TransferEvent::Reader event);
  void noteSkipped(schema::TransferEvent::Reader event);
  void noteDigest(schema::TransferEvent::Reader event);
  bool showsEntry(schema::TransferEvent::Reader event) const;
  void flush();
  void say(const std::string& text);
  void sayError(const TransferEnd& end);
  void sayCounts();
  void printEnd(const TransferEnd& end);
  void tellRootDigest(std::string_view path);
  std::string nameOfRoot(schema::TransferResult::Reader result) const;
  void describePart(Error& error) const;

  kj::Timer& timer_;
  const TransferOptions& options_;
  const TransferPlaces& places_;
  Format format_;
  bool terminal_;  // standard output is one
  ProgressDisplay display_;
  TransferJson json_;
  std::string out_;  // lines of events that came together
  TransferFindings findings_;
  // Of what may be the only file, whose name here or there is known at the end.
  std::optional<TransferFindings::Digest> rootDigest_;
  uint64_t verified_ = 0;
  std::set<Reason> advised_;  // reasons whose `Next` was told
  std::optional<kj::TimePoint> progressTold_;
  uint64_t bytes_ = 0;  // of the last progress
  uint64_t totalFiles_ = 0;
  uint64_t failures_ = 0;
  uint64_t skipped_ = 0;
};

}  // namespace cbs::cli
