#include "agentd/engine/transfer_codec.h"

#include "common/entry_path.h"

namespace cbs::engine {
namespace {

// More patterns than anybody writes by hand.
constexpr unsigned kMostPatterns = 10'000;

transfer::Kind decode(schema::FileKind kind) {
  switch (kind) {
    case schema::FileKind::FILE:
      return transfer::Kind::FILE;
    case schema::FileKind::DIRECTORY:
      return transfer::Kind::DIRECTORY;
    case schema::FileKind::LINK:
      return transfer::Kind::LINK;
    case schema::FileKind::OTHER:
      break;
  }
  return transfer::Kind::OTHER;
}

schema::FileKind encode(transfer::Kind kind) {
  switch (kind) {
    case transfer::Kind::FILE:
      return schema::FileKind::FILE;
    case transfer::Kind::DIRECTORY:
      return schema::FileKind::DIRECTORY;
    case transfer::Kind::LINK:
      return schema::FileKind::LINK;
    case transfer::Kind::OTHER:
      break;
  }
  return schema::FileKind::OTHER;
}

schema::TransferEvent::What encode(transfer::Event::What what) {
  using What = schema::TransferEvent::What;
  switch (what) {
    case transfer::Event::What::MOVED:
      return What::MOVED;
    case transfer::Event::What::MADE:
      return What::MADE;
    case transfer::Event::What::UNCHANGED:
      return What::UNCHANGED;
    case transfer::Event::What::SKIPPED:
      return What::SKIPPED;
    case transfer::Event::What::DELETED:
      return What::DELETED;
    case transfer::Event::What::FAILED:
      break;
  }
  return What::FAILED;
}

bool isPath(const std::string& path) { return path.empty() || isEntryPath(path); }

}  // namespace

Expected<transfer::Entry> decode(schema::FileEntry::Reader from) {
  transfer::Entry entry;
  entry.path = bytesOf(from.getPath());
  entry.kind = decode(from.getKind());
  entry.size = from.getSize();
  entry.mode = from.getMode() & 07777;
  entry.mtimeS = from.getMtimeS();
  entry.id = from.getId();
  entry.target = bytesOf(from.getTarget());
  entry.sameAs = bytesOf(from.getSameAs());
  if (!isPath(entry.path) || !isPath(entry.sameAs) || entry.target.find('\0') != std::string::npos) {
    return fail(ErrorKind::USAGE, Reason::BAD_REQUEST, "not a path in a tree: " + entry.path);
  }
  return entry;
}

void encode(const transfer::Entry& entry, schema::FileEntry::Builder to) {
  to.setPath(dataOf(entry.path));
  to.setKind(encode(entry.kind));
  to.setSize(entry.size);
  to.setMode(entry.mode);
  to.setMtimeS(entry.mtimeS);
  to.setId(entry.id);
  if (!entry.target.empty()) to.setTarget(dataOf(entry.target));
  if (!entry.sameAs.empty()) to.setSameAs(dataOf(entry.sameAs));
}

transfer::PathError decode(schema::PathError::Reader from) {
  return {bytesOf(from.getPath()), cbs::decode(from.getError())};
}

void encode(const transfer::PathError& error, schema::PathError::Builder to) {
  to.setPath(dataOf(error.path));
  cbs::encode(error.error, to.initError());
}

Expected<transfer::Options> decode(schema::TransferOptions::Reader from) {
  transfer::Options options;
  options.recursive = from.getRecursive();
  options.followLinks = from.getFollowLinks();
  auto patterns = from.getExclude();
  if (patterns.size() > kMostPatterns)
    return fail(ErrorKind::USAGE, Reason::BAD_REQUEST, "more than 10,000 patterns of what is to be excluded");
  for (auto pattern : patterns) options.exclude.push_back(bytesOf(pattern));
  options.preserve = from.getPreserve();
  options.deleteExtras = from.getDelete();
  options.dryRun = from.getDryRun();
  options.checksum = from.getChecksum();
  options.resume = from.getResume();
  options.verify = from.getVerify();
  options.fsync = from.getFsync();
  options.streams = from.getStreams();
  options.limitRate = from.getLimitRate();
  options.tellAll = from.getTellAll();
  return options;
}

void encode(const transfer::Options& options, schema::TransferOptions::Builder to) {
  to.setRecursive(options.recursive);
  to.setFollowLinks(options.followLinks);
  auto patterns = to.initExclude(static_cast<unsigned>(options.exclude.size()));
  for (unsigned i = 0; i < patterns.size(); ++i) patterns.set(i, dataOf(options.exclude[i]));
  to.setPreserve(options.preserve);
  to.setDelete(options.deleteExtras);
  to.setDryRun(options.dryRun);
  to.setChecksum(options.checksum);
  to.setResume(options.resume);
  to.setVerify(options.verify);
  to.setFsync(options.fsync);
  to.setStreams(options.streams);
  to.setLimitRate(options.limitRate);
  to.setTellAll(options.tellAll);
}

void encode(const transfer::Event& event, schema::TransferEvent::Builder to) {
  to.setPath(dataOf(event.path));
  to.setWhat(encode(event.what));
  to.setBytes(event.bytes);
  if (event.error.kind != ErrorKind::NONE) cbs::encode(event.error, to.initError());
  if (!event.sha256.empty()) to.setSha256(dataOf(event.sha256));
  to.setUs(static_cast<uint64_t>(event.took / kj::MICROSECONDS));
  to.setResumedBytes(event.resumedBytes);
}

void encode(const transfer::Tally& tally, schema::TransferProgress::Builder to) {
  to.setBytes(tally.bytes);
  to.setTotalBytes(tally.totalBytes);
  to.setFiles(tally.entries);
  to.setTotalFiles(tally.totalEntries);
  to.setListed(tally.listed);
  to.setCurrent(dataOf(tally.current));
  to.setSentBytes(tally.sentBytes);
}

}  // namespace cbs::engine
