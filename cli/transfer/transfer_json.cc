#include "cli/transfer/transfer_json.h"

#include "cli/bytes.h"
#include "cli/output/json_text.h"
#include "cli/output/print.h"
#include "cli/transfer/transfer_text.h"

#include <capnp/message.h>

namespace cbs::cli {
namespace {

// The name as the schema has it.
std::string nameOf(schema::TransferEvent::What what) {
  KJ_IF_MAYBE (enumerant, capnp::toDynamic(what).getEnumerant()) return enumerant->getProto().getName().cStr();
  return "unknown";  // of a newer daemon
}

void describePlaces(const TransferEnd& end, const TransferPlaces& places, schema::TransferReport::Builder to) {
  auto from = to.initFrom(static_cast<unsigned>(places.from.size()));
  for (unsigned i = 0; i < from.size(); ++i) {
    if (!places.fromTarget.empty()) from[i].setTarget(places.fromTarget.c_str());
    setPath(places.from[i], from[i]);
  }
  auto place = to.initTo();
  if (!places.toTarget.empty()) place.setTarget(places.toTarget.c_str());
  bool known = end.result.get() != nullptr && end.result->getPath().size() > 0;
  setPath(known ? viewOf(end.result->getPath()) : places.to, place);
}

void describeResult(schema::TransferResult::Reader result, schema::TransferReport::Builder to) {
  to.setBytes(result.getBytes());
  to.setTotalBytes(result.getTotalBytes());
  to.setFiles(result.getFiles());
  to.setUnchanged(result.getUnchanged());
  to.setSkipped(result.getSkipped());
  to.setDeleted(result.getDeleted());
  to.setFailed(result.getFailed());
  to.setStreams(result.getStreams());
  to.setTimes(result.getTimes());
  to.setId(result.getId());
}

void describeFindings(const TransferFindings& findings, const TransferOptions& options, const TransferPlaces& places,
                      bool asEvent, schema::TransferReport::Builder to) {
  to.setResumedBytes(findings.resumedBytes);
  auto failures = to.initFailures(static_cast<unsigned>(findings.failures.size()));
  for (unsigned i = 0; i < failures.size(); ++i) {
    setPath(findings.failures[i].path, failures[i]);
    const Error& error = findings.failures[i].error;
    describeFailure(error, subjectOf(error, places), failures[i].initError());
  }
  if (!options.verify || asEvent) return;
  auto verified = to.initVerified(static_cast<unsigned>(findings.verified.size()));
  for (unsigned i = 0; i < verified.size(); ++i) {
    setPath(findings.verified[i].path, verified[i]);
    verified[i].setSha256(hexText(findings.verified[i].sha256).c_str());
  }
}

}  // namespace

std::string TransferJson::progress(schema::TransferProgress::Reader progress) const {
  capnp::MallocMessageBuilder message;
  auto event = message.initRoot<schema::TransferProgressEvent>();
  event.setEvent("progress");
  event.setBytes(progress.getBytes());
  event.setTotalBytes(progress.getTotalBytes());
  event.setFiles(progress.getFiles());
  event.setTotalFiles(progress.getTotalFiles());
  event.setListed(progress.getListed());
  event.setSentBytes(progress.getSentBytes());
  event.setStreams(progress.getStreams());
  if (progress.getCurrent().size() > 0) {
    setBytes(viewOf(progress.getCurrent()), [&](kj::StringPtr text, bool base64) {
      event.setCurrent(text);
      event.setCurrentBase64(base64);
    });
  }
  return progress_.write(event.asReader());
}

std::string TransferJson::entry(schema::TransferEvent::Reader from, const TransferPlaces& places) const {
  capnp::MallocMessageBuilder message;
  auto event = message.initRoot<schema::TransferEntryEvent>();
  event.setEvent(nameOf(from.getWhat()).c_str());
  setPath(viewOf(from.getPath()), event);
  event.setBytes(from.getBytes());
  event.setResumedBytes(from.getResumedBytes());
  event.setUs(from.getUs());
  if (from.getSha256().size() > 0) event.setSha256(hexText(viewOf(from.getSha256())).c_str());
  auto error = decode(from.getError());
  if (error.kind != ErrorKind::NONE) describeFailure(error, subjectOf(error, places), event.initError());
  return entry_.write(event.asReader());
}

std::string TransferJson::report(const TransferEnd& end, const TransferFindings& findings,
                                 const TransferOptions& options, const TransferPlaces& places, bool asEvent) {
  capnp::MallocMessageBuilder message;
  auto report = message.initRoot<schema::TransferReport>();
  if (asEvent) report.setEvent("finished");
  describePlaces(end, places, report);
  report.setStatus(end.exitCode);
  report.setDryRun(options.dryRun);
  if (end.result.get() != nullptr) describeResult(*end.result, report);
  describeFindings(findings, options, places, asEvent, report);
  if (end.error.kind != ErrorKind::NONE) describeFailure(end.error, subjectOf(end.error, places), report.initError());
  return toJson<schema::TransferReport>(report);
}

}  // namespace cbs::cli
