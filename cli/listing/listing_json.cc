#include "cli/listing/listing_json.h"

#include "cli/output/json_text.h"
#include "cli/output/print.h"
#include "common/json.h"
#include "schema/cli.capnp.h"

#include <capnp/message.h>

#include <cstdio>

namespace cbs::cli {
namespace {

void describeFile(const ListedFile& file, schema::ListedFileReport::Builder to) {
  char mode[16];
  snprintf(mode, sizeof(mode), "%04o", file.mode & 07777);
  setBytes(file.name, [&](kj::StringPtr text, bool base64) {
    to.setName(text);
    to.setNameBase64(base64);
  });
  to.setKind(file.kind);
  to.setSize(file.size);
  to.setMode(mode);
  to.setMtimeS(file.mtimeS);
  to.setUid(file.uid);
  to.setGid(file.gid);
  if (!file.owner.empty()) to.setOwner(file.owner.c_str());
  if (!file.group.empty()) to.setGroup(file.group.c_str());
  if (file.kind != schema::FileKind::LINK) return;
  setBytes(file.target, [&](kj::StringPtr text, bool base64) {
    to.setTarget(text);
    to.setTargetBase64(base64);
  });
}

template <typename List>
void describeFiles(const std::vector<ListedFile>& files, List to) {
  for (unsigned i = 0; i < to.size(); ++i) describeFile(files[i], to[i]);
}

void describeListing(const Listing& listing, capnp::List<schema::ListReport::Listing>::Builder to, unsigned& next) {
  if (!listing.themselves.empty()) {
    to[next].setHost(listing.host.c_str());
    describeFiles(listing.themselves, to[next].initFiles(static_cast<unsigned>(listing.themselves.size())));
    ++next;
  }
  for (const ListedFolder& folder : listing.folders) {
    to[next].setHost(listing.host.c_str());
    setPath(folder.path, to[next]);
    describeFiles(folder.files, to[next].initFiles(static_cast<unsigned>(folder.files.size())));
    ++next;
  }
}

void describeFailures(const std::vector<Listing>& listings, schema::ListReport::Builder to) {
  unsigned paths = 0, hosts = 0;
  for (const Listing& listing : listings) {
    paths += static_cast<unsigned>(listing.failures.size());
    hosts += listing.error.kind == ErrorKind::NONE ? 0 : 1;
  }
  auto failures = to.initFailures(paths);
  auto errors = to.initErrors(hosts);
  paths = hosts = 0;
  for (const Listing& listing : listings) {
    for (const ListedFailure& failure : listing.failures) {
      setPath(failure.path, failures[paths]);
      failures[paths].setHost(listing.host.c_str());
      describeFailure(failure.error, listing.host, failures[paths++].initError());
    }
    if (listing.error.kind == ErrorKind::NONE) continue;
    errors[hosts].setHost(listing.host.c_str());
    describeFailure(listing.error, listing.host, errors[hosts++].initError());
  }
}

std::string failureLine(const JsonWriter& writer, const std::string& host, const std::string* path,
                        const Error& error) {
  capnp::MallocMessageBuilder message;
  auto event = message.initRoot<schema::ListFailureEvent>();
  event.setEvent("failed");
  event.setHost(host.c_str());
  if (path != nullptr) setPath(*path, event);
  describeFailure(error, host, event.initError());
  return writer.write(event.asReader());
}

std::string lineOf(const JsonWriter& writer, const std::string& host, const ListedFolder* folder,
                   const ListedFile& file) {
  capnp::MallocMessageBuilder message;
  auto report = message.initRoot<schema::ListedFileReport>();
  report.setHost(host.c_str());
  if (folder != nullptr) {
    setBytes(folder->path, [&](kj::StringPtr text, bool base64) {
      report.setFolder(text);
      report.setFolderBase64(base64);
    });
  }
  describeFile(file, report);
  return writer.write(report.asReader());
}

}  // namespace

std::string listingReport(const std::vector<Listing>& listings) {
  size_t count = 0;
  for (const Listing& listing : listings) count += listing.folders.size() + (listing.themselves.empty() ? 0 : 1);
  capnp::MallocMessageBuilder message;
  auto report = message.initRoot<schema::ListReport>();
  auto list = report.initListings(static_cast<unsigned>(count));
  unsigned next = 0;
  for (const Listing& listing : listings) describeListing(listing, list, next);
  describeFailures(listings, report);
  return toJson<schema::ListReport>(report);
}

std::string listingLines(const Listing& listing) {
  JsonWriter writer(capnp::Schema::from<schema::ListedFileReport>());
  std::string text;
  for (const ListedFile& file : listing.themselves) text += lineOf(writer, listing.host, nullptr, file);
  for (const ListedFolder& folder : listing.folders) {
    for (const ListedFile& file : folder.files) text += lineOf(writer, listing.host, &folder, file);
  }
  JsonWriter failures(capnp::Schema::from<schema::ListFailureEvent>());
  for (const ListedFailure& failure : listing.failures) {
    text += failureLine(failures, listing.host, &failure.path, failure.error);
  }
  if (listing.error.kind != ErrorKind::NONE) text += failureLine(failures, listing.host, nullptr, listing.error);
  return text;
}

std::string hostFailureLine(const std::string& host, const Error& error) {
  return failureLine(JsonWriter(capnp::Schema::from<schema::ListFailureEvent>()), host, nullptr, error);
}

}  // namespace cbs::cli
