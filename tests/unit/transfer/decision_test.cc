#include "agentd/transfer/decision.h"

#include <catch2/catch_test_macros.hpp>

namespace cbs::transfer {
namespace {

using What = Decision::What;

const Entry kFile{.path = "a/file", .size = 5, .mtimeS = 100};
const Entry kFolder{.path = "a/folder", .kind = Kind::DIRECTORY};
const Entry kLink{.path = "a/link", .kind = Kind::LINK, .target = "file"};
const Options kTree{.recursive = true};

What about(const Entry& entry, std::optional<Entry> there, const Options& options = kTree) {
  return decide(entry, there, options).what;
}
Reason reasonOf(const Entry& entry, std::optional<Entry> there) { return decide(entry, there, kTree).error.reason; }

TEST_CASE("what is not there is moved or made") {
  REQUIRE(about(kFile, {}) == What::MOVE);
  REQUIRE(about(kFolder, {}) == What::MAKE);
  REQUIRE(about(kLink, {}) == What::MAKE);
}

TEST_CASE("in a tree a file of the same size and time is unchanged") {
  REQUIRE(about(kFile, kFile) == What::UNCHANGED);
  REQUIRE(about(kFile, Entry{.size = 6, .mtimeS = 100}) == What::MOVE);
  REQUIRE(about(kFile, Entry{.size = 5, .mtimeS = 101}) == What::MOVE);
  REQUIRE(about(kFile, kLink) == What::MOVE);
}

TEST_CASE("a single file is moved whatever the time says") { REQUIRE(about(kFile, kFile, {}) == What::MOVE); }

TEST_CASE("with checksum the content decides if the size is the same") {
  Options options{.checksum = true};
  REQUIRE(about(kFile, Entry{.size = 5, .mtimeS = 7}, options) == What::COMPARE);
  REQUIRE(about(kFile, kFile, options) == What::COMPARE);
  REQUIRE(about(kFile, Entry{.size = 6, .mtimeS = 100}, options) == What::MOVE);
}

TEST_CASE("another name of a file becomes a link unless it is unchanged") {
  Entry other = kFile;
  other.sameAs = "a/first";
  REQUIRE(about(other, {}) == What::LINK);
  REQUIRE(about(other, kLink) == What::LINK);
  REQUIRE(about(other, kFile) == What::UNCHANGED);
}

TEST_CASE("a folder is made whether it is there or not") {
  REQUIRE_FALSE(decide(kFolder, std::nullopt, kTree).folderThere);
  auto decision = decide(kFolder, kFolder, kTree);
  REQUIRE(decision.what == What::MAKE);
  REQUIRE(decision.folderThere);
}

TEST_CASE("a link is unchanged if it leads to the same, and replaces what is no folder") {
  REQUIRE(about(kLink, kLink) == What::UNCHANGED);
  REQUIRE(about(kLink, Entry{.kind = Kind::LINK, .target = "elsewhere"}) == What::MAKE);
  REQUIRE(about(kLink, kFile) == What::MAKE);
}

TEST_CASE("nothing takes the place of a folder, nor a folder that of anything else") {
  REQUIRE(about(kFile, kFolder) == What::FAIL);
  REQUIRE(reasonOf(kFile, kFolder) == Reason::ALREADY_EXISTS);
  REQUIRE(about(kLink, kFolder) == What::FAIL);
  REQUIRE(reasonOf(kLink, kFolder) == Reason::ALREADY_EXISTS);
  REQUIRE(about(kFolder, kLink) == What::FAIL);
  REQUIRE(reasonOf(kFolder, kFile) == Reason::ALREADY_EXISTS);
  REQUIRE(decide(kFolder, kFile, kTree).error.detail == "folder is in the way: it is not a folder");
}

TEST_CASE("special files are skipped whatever is there") {
  Entry pipe{.path = "pipe", .kind = Kind::OTHER};
  REQUIRE(about(pipe, {}) == What::SKIP);
  REQUIRE(about(pipe, kFolder) == What::SKIP);
  REQUIRE(decide(pipe, std::nullopt, kTree).error.detail == "neither a file, a folder nor a link");
}

TEST_CASE("a place that cannot be looked at is the entry's failure") {
  auto denied = fail(ErrorKind::TRANSFER_FAILED, Reason::PERMISSION_DENIED, "no");
  auto decision = decide(kFile, denied, kTree);
  REQUIRE(decision.what == What::FAIL);
  REQUIRE(decision.error.reason == Reason::PERMISSION_DENIED);
}

TEST_CASE("errors that all files would meet with end a transfer") {
  auto ends = [](ErrorKind kind, Reason reason) { return endsTransfer({kind, reason, ""}); };
  REQUIRE(ends(ErrorKind::LOST, Reason::CONNECTION_LOST));
  REQUIRE(ends(ErrorKind::TRANSFER_FAILED, Reason::CONNECTION_LOST));
  REQUIRE(ends(ErrorKind::TRANSFER_FAILED, Reason::NO_SPACE));
  REQUIRE(ends(ErrorKind::TRANSFER_FAILED, Reason::SFTP_UNAVAILABLE));
  REQUIRE_FALSE(ends(ErrorKind::TRANSFER_FAILED, Reason::PERMISSION_DENIED));
  REQUIRE_FALSE(ends(ErrorKind::TRANSFER_FAILED, Reason::REMOTE_IO));
}

}  // namespace
}  // namespace cbs::transfer
