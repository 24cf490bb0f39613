#include "cli/transfer/transfer_text.h"

#include "cli/bytes.h"
#include "cli/output/printable.h"
#include "common/duration.h"

#include <kj/encoding.h>

namespace cbs::cli {
namespace {

using What = schema::TransferEvent::What;

const char* verbOf(What what, bool dryRun) {
  switch (what) {
    case What::MOVED:
      return dryRun ? "would copy" : "copied";
    case What::MADE:
      return dryRun ? "would make" : "made";
    case What::UNCHANGED:
      return "unchanged";
    case What::SKIPPED:
      return dryRun ? "would skip" : "skipped";
    case What::DELETED:
      return dryRun ? "would delete" : "deleted";
    case What::FAILED:
      return "";
  }
  return "";
}

std::string filesText(uint64_t files) { return std::to_string(files) + (files == 1 ? " file" : " files"); }

// `12.0 MiB in 1.2 s (10.0 MiB/s)`
std::string speedText(uint64_t bytes, uint64_t us) {
  std::string text = byteText(bytes);
  if (us == 0) return text;
  text += " in " + durationText(us * kj::MICROSECONDS);
  if (bytes == 0) return text;
  auto perSecond = static_cast<uint64_t>(static_cast<double>(bytes) * 1e6 / static_cast<double>(us));
  return text + " (" + byteText(perSecond) + "/s)";
}

std::string countText(uint64_t count, const char* what) {
  return count == 0 ? "" : ", " + std::to_string(count) + " " + what;
}

std::string dryRunText(schema::TransferResult::Reader result) {
  std::string text = "would copy " + filesText(result.getFiles()) + ", " + byteText(result.getBytes());
  if (result.getDeleted() > 0) text += ", would delete " + std::to_string(result.getDeleted());
  if (result.getSkipped() > 0) text += ", would skip " + std::to_string(result.getSkipped());
  return text + countText(result.getUnchanged(), "unchanged") + countText(result.getFailed(), "failed");
}

std::string resultText(schema::TransferResult::Reader result, bool tree) {
  if (!tree && result.getFiles() == 0 && result.getUnchanged() == 1) return "unchanged";
  std::string text = tree ? filesText(result.getFiles()) + ", " : "";
  text += speedText(result.getBytes(), result.getTimes().getRunUs());
  if (tree) text += countText(result.getUnchanged(), "unchanged");
  return text + countText(result.getDeleted(), "deleted") + countText(result.getSkipped(), "skipped") +
         countText(result.getFailed(), "failed");
}

}  // namespace

std::string nameText(std::string_view name, bool terminal) { return terminal ? printable(name) : std::string(name); }

std::string subjectOf(const Error& error, const TransferPlaces& places) {
  if (auto target = error.fact("target"); !target.empty()) return std::string(target);
  bool here = !error.fact("localPath").empty() || error.reason == Reason::LOCAL_IO;
  if (here) return "";
  // Only where things go to can something be full or in the way.
  bool atDestination = error.reason == Reason::NO_SPACE || error.reason == Reason::ALREADY_EXISTS;
  return atDestination ? places.toTarget : places.subject();
}

std::string entryText(schema::TransferEvent::Reader event, bool dryRun, bool terminal) {
  std::string verb = verbOf(event.getWhat(), dryRun);
  if (verb.empty()) return "";
  std::string path = textOf(event.getPath());
  // The root of which only the contents were asked for has no name of its own.
  std::string text = verb + "  " + (path.empty() ? "." : nameText(path, terminal));
  return event.getWhat() == What::MOVED ? text + "  " + byteText(event.getBytes()) : text;
}

std::string hexText(std::string_view bytes) {
  auto hex = kj::encodeHex(kj::arrayPtr(reinterpret_cast<const kj::byte*>(bytes.data()), bytes.size()));
  return {hex.begin(), hex.size()};
}

std::string receiptLine(std::string_view sha256, std::string_view name, bool terminal) {
  std::string path = nameText(name, terminal);
  std::string escaped;
  for (char c : path) {
    if (c == '\\') {
      escaped += "\\\\";
    } else if (c == '\n') {
      escaped += "\\n";
    } else if (c == '\r') {
      escaped += "\\r";
    } else {
      escaped += c;
    }
  }
  return (escaped.size() == path.size() ? "" : "\\") + hexText(sha256) + "  " + escaped + "\n";
}

std::string summaryText(const TransferEnd& end, const TransferOptions& options, const TransferPlaces& places,
                        uint64_t verified, bool terminal) {
  schema::TransferResult::Reader result = *end.result;
  std::string path = result.getPath().size() > 0 ? textOf(result.getPath()) : places.to;
  uint64_t told = result.getFiles() + result.getUnchanged() + result.getSkipped() + result.getFailed();
  bool tree = options.recursive || !places.singleRoot() || told > 1;
  std::string text = nameText(placeName(places.toTarget, path), terminal) + "  ";
  if (options.dryRun) return text + dryRunText(result) + "\n";
  text += resultText(result, tree);
  if (!options.verify) return text + "\n";
  bool all = end.error.kind == ErrorKind::NONE && result.getFailed() == 0 &&
             verified == result.getFiles() + result.getUnchanged();
  return text + (all ? ", verified\n" : ", " + std::to_string(verified) + " verified\n");
}

}  // namespace cbs::cli
