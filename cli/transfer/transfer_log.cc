#include "cli/transfer/transfer_log.h"

#include "cli/bytes.h"
#include "cli/output/explain_error.h"
#include "cli/output/print.h"
#include "cli/output/printable.h"
#include "cli/output/sentence_table.h"
#include "cli/transfer/transfer_text.h"
#include "common/entry_path.h"

#include <unistd.h>

namespace cbs::cli {
namespace {

using What = schema::TransferEvent::What;

constexpr uint64_t kMostSentences = 100;  // of either sort
constexpr size_t kMostFailures = 1000;    // in the report
constexpr auto kProgressPause = 1 * kj::SECONDS;

// What befell an entry, with its path unless the error itself has one.
std::string withPath(const std::string& message, const std::string& path, const Error& error) {
  if (path.empty() || !fileOf(error).empty()) return message;
  std::string name = printable(nameOf(path)) + " ";
  auto folder = printable(parentOf(path));
  bool named = message.rfind(name, 0) == 0;
  return named ? joinPath(folder, message) : printable(path) + ": " + message;
}

}  // namespace

TransferLog::TransferLog(kj::Timer& timer, const TransferOptions& options, const TransferPlaces& places, Format format)
    : timer_(timer),
      options_(options),
      places_(places),
      format_(format),
      terminal_(isatty(STDOUT_FILENO)),
      display_(timer, places.subject(), ProgressDisplay::wayFor(options.quiet)) {}

void TransferLog::progress(schema::TransferProgress::Reader progress) {
  bytes_ = progress.getBytes();
  totalFiles_ = progress.getTotalFiles();
  bool due = !progressTold_ || timer_.now() - *progressTold_ >= kProgressPause;
  if (format_ == Format::ndjson && due) {
    progressTold_ = timer_.now();
    out_ += json_.progress(progress);
    flush();
  }
  display_.update(progress);
}

void TransferLog::events(capnp::List<schema::TransferEvent>::Reader events) {
  for (auto event : events) note(event);
  flush();
}

void TransferLog::note(schema::TransferEvent::Reader event) {
  findings_.resumedBytes += event.getResumedBytes();
  if (event.getWhat() == What::FAILED) noteFailure(event);
  if (event.getWhat() == What::SKIPPED) noteSkipped(event);
  if (event.getSha256().size() > 0) noteDigest(event);
  if (format_ == Format::ndjson) {
    out_ += json_.entry(event, places_);
  } else if (showsEntry(event)) {
    out_ += entryText(event, options_.dryRun, terminal_) + "\n";
  }
}

bool TransferLog::showsEntry(schema::TransferEvent::Reader event) const {
  auto what = event.getWhat();
  if (format_ != Format::text || options_.quiet || what == What::FAILED) return false;
  if (options_.verbose) return true;
  // Skipped ones are told of on standard error.
  return options_.dryRun && what != What::UNCHANGED && what != What::SKIPPED;
}

void TransferLog::noteFailure(schema::TransferEvent::Reader event) {
  auto error = decode(event.getError());
  std::string path(viewOf(event.getPath()));
  if (++failures_ <= kMostSentences) {
    std::string subject = subjectOf(error, places_);
    auto [message, next] = explain(error, subject);
    std::string text = "cbsession: " + (subject.empty() ? "" : printable(subject) + ": ");
    text += withPath(message, path, error);
    // What to do is told once for each reason, not a hundred times.
    if (!next.empty() && advised_.insert(error.reason).second) text = stopped(text) + " Next: " + next;
    say(text + "\n");
  }
  if (findings_.failures.size() < kMostFailures) findings_.failures.push_back({std::move(path), std::move(error)});
}

void TransferLog::noteSkipped(schema::TransferEvent::Reader event) {
  if (++skipped_ > kMostSentences || options_.quiet || options_.verbose) return;
  auto error = decode(event.getError());
  std::string why = error.kind == ErrorKind::NONE || error.detail.empty() ? "a special file" : printable(error.detail);
  say("cbsession: " + printable(places_.subject()) + ": skipped: " + printable(viewOf(event.getPath())) + " (" + why +
      ")\n");
}

// A receipt is for `sha256sum -c` at the place where it all is now: paths are relative to that.
void TransferLog::noteDigest(schema::TransferEvent::Reader event) {
  auto path = viewOf(event.getPath());
  auto sha256 = viewOf(event.getSha256());
  ++verified_;
  if (format_ == Format::json) findings_.verified.push_back({std::string(path), std::string(sha256)});
  if (format_ != Format::text || options_.quiet || !options_.verify) return;
  if (places_.contentsOnly()) {
    out_ += receiptLine(sha256, path, terminal_);
  } else if (path.find('/') == path.npos && !rootDigest_ && verified_ == 1) {
    rootDigest_ = {std::string(path), std::string(sha256)};
  } else {
    tellRootDigest(rootDigest_ ? rootDigest_->path : "");
    out_ += receiptLine(sha256, places_.singleRoot() ? belowRoot(path) : path, terminal_);
  }
}

void TransferLog::tellRootDigest(std::string_view path) {
  if (rootDigest_) out_ += receiptLine(rootDigest_->sha256, path, terminal_);
  rootDigest_.reset();
}

void TransferLog::flush() {
  if (out_.empty()) return;
  display_.wipe();
  print(out_);
  out_.clear();
}

// Keeps the order of the two streams.
void TransferLog::say(const std::string& text) {
  flush();
  display_.wipe();
  printError(text);
}

int TransferLog::report(TransferEnd end) {
  flush();
  display_.wipe();
  if (end.error.kind != ErrorKind::NONE) describePart(end.error);
  sayError(end);
  sayCounts();
  if (format_ == Format::text) {
    printEnd(end);
  } else {
    print(TransferJson::report(end, findings_, options_, places_, format_ == Format::ndjson));
  }
  return end.exitCode;
}

// How much the part of a single file has, as far as it was told.
void TransferLog::describePart(Error& error) const {
  if (error.fact("part").empty() || totalFiles_ > 1 || bytes_ == 0) return;
  if (error.fact("partBytes").empty()) error.facts.push_back({"partBytes", std::to_string(bytes_)});
}

void TransferLog::sayError(const TransferEnd& end) {
  if (end.error.kind == ErrorKind::NONE) return;
  bool told = end.onlyEntriesFailed() && failures_ > 0;
  if (!told) printError(sentence(end.error, subjectOf(end.error, places_)));
}

void TransferLog::sayCounts() {
  std::string who = "cbsession: " + printable(places_.subject()) + ": ";
  if (skipped_ > kMostSentences && !options_.quiet && !options_.verbose) {
    printError(who + std::to_string(skipped_) + " were skipped in all\n");
  }
  if (failures_ > kMostSentences) printError(who + std::to_string(failures_) + " failed in all\n");
}

void TransferLog::printEnd(const TransferEnd& end) {
  bool ended = end.error.kind == ErrorKind::NONE || end.onlyEntriesFailed();
  if (options_.quiet || end.result.get() == nullptr || !ended) return;
  if (rootDigest_) tellRootDigest(nameOfRoot(*end.result));
  out_ += summaryText(end, options_, places_, verified_, terminal_);
  flush();
}

// What the only file that was verified is called now: if a pattern has found others, too, the place is their folder.
std::string TransferLog::nameOfRoot(schema::TransferResult::Reader result) const {
  bool alone = places_.from.size() == 1 && result.getFiles() + result.getUnchanged() + result.getFailed() == 1;
  bool single = places_.singleRoot() || alone;
  return single ? std::string(nameOf(viewOf(result.getPath()))) : rootDigest_->path;
}

}  // namespace cbs::cli
