#include "cli/transfer/upload_presenter.h"

#include "cli/fanout/host_end_copy.h"
#include "cli/fanout/summary.h"
#include "cli/output/explain_error.h"
#include "cli/transfer/transfer_json.h"
#include "cli/transfer/transfer_text.h"
#include "common/json.h"

#include <capnp/message.h>

namespace cbs::cli {
namespace {

using schema::OutputStream;

std::string reportObject(std::string line) {
  if (!line.empty() && line.back() == '\n') line.pop_back();
  return line;
}

std::string uploadSummaryJson(const FanOutResults& results, bool asEvent) {
  capnp::MallocMessageBuilder message;
  auto summary = message.initRoot<schema::FanOutSummary>();
  if (asEvent) summary.setEvent("summary");
  describeSummary(results, summary);
  return toJson<schema::FanOutSummary>(summary);
}

Task<Expected<void>> nothingShown() { co_return Expected<void>(); }

}  // namespace

TransferPlaces UploadPresenter::placesOf(uint32_t host) const {
  TransferPlaces places = upload_.places;
  places.toTarget = upload_.targets[host];
  return places;
}

std::string UploadPresenter::report(uint32_t host, const HostEnd& end) const {
  bool asEvent = upload_.format == Format::ndjson;
  TransferOptions options = upload_.options;
  options.verify = false;  // digests are not told
  return TransferJson::report(transferEndOf(end), {}, options, placesOf(host), asEvent);
}

// As that of an upload to this host alone. Which files were verified is not told, only that those that moved were.
std::string UploadPresenter::resultLine(uint32_t host, const HostEnd& end) const {
  auto transfer = transferEndOf(end);
  bool ended = end.error.kind == ErrorKind::NONE || transfer.onlyEntriesFailed();
  if (upload_.options.quiet || transfer.result.get() == nullptr || !ended) return "";
  return summaryText(transfer, upload_.options, placesOf(host), transfer.result->getFiles(),
                     console_.isTerminal(OutputStream::STDOUT));
}

Task<Expected<void>> UploadPresenter::started(uint32_t) { return nothingShown(); }

Task<Expected<void>> UploadPresenter::output(uint32_t, OutputStream, kj::ArrayPtr<const kj::byte>) {
  return nothingShown();
}

// What never began is in the summary alone.
Task<Expected<void>> UploadPresenter::sayFailure(uint32_t host, const HostEnd& end) {
  if (end.error.kind == ErrorKind::NONE || end.neverBegun()) return nothingShown();
  auto places = placesOf(host);
  auto subject = subjectOf(end.error, places);
  return console_.write(OutputStream::STDERR, sentence(end.error, subject.empty() ? places.toTarget : subject));
}

Task<Expected<void>> UploadPresenter::ended(uint32_t host, const HostEnd& end) {
  auto said = co_await sayFailure(host, end);
  if (!said) co_return said;
  if (upload_.format == Format::json) co_return Expected<void>();
  auto line = upload_.format == Format::ndjson ? report(host, end) : resultLine(host, end);
  if (line.empty()) co_return Expected<void>();
  co_return co_await console_.write(OutputStream::STDOUT, kj::mv(line));
}

Task<Expected<void>> UploadPresenter::finish(const FanOutResults& results) {
  if (upload_.format == Format::json) return printReports(results);
  if (upload_.format == Format::text) return nothingShown();
  return console_.write(OutputStream::STDOUT, uploadSummaryJson(results, true));
}

// A FanOutUploadReport, piece by piece.
Task<Expected<void>> UploadPresenter::printReports(const FanOutResults& results) {
  for (uint32_t host = 0; host < results.ends.size(); ++host) {
    auto piece = (host == 0 ? "{\"results\":[" : ",\n") + reportObject(report(host, results.ends[host]));
    auto written = co_await console_.write(OutputStream::STDOUT, kj::mv(piece));
    if (!written) co_return written;
  }
  auto end = "],\"summary\":" + reportObject(uploadSummaryJson(results, false)) + "}\n";
  co_return co_await console_.write(OutputStream::STDOUT, kj::mv(end));
}

}  // namespace cbs::cli
