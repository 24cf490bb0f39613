// A server that is unlike OpenSSH's: it tells of no attributes with the names in a folder, of names that are none, and
// gives few bytes at once.
#include "agentd/transfer/listing.h"
#include "agentd/transfer/remote_glob.h"
#include "agentd/transfer/remote_sink.h"
#include "tests/unit/transfer/source_world.h"

namespace cbs::transfer {
namespace {

// Serves /root with `file` (20 bytes), `link` and `sub`, and /alias, a link to
// a folder. /late has the same as /root, but its end is told before its names. Perl is in Debian's base
// system.
constexpr const char* kServer = R"(#!/usr/bin/perl
use strict;
my $content = "0123456789abcdefghij";
my %ended;
sub answer { my $m = shift; syswrite STDOUT, pack("N", length $m) . $m; }
sub status { my ($id, $code) = @_; answer(pack("CNNN/a*N/a*", 101, $id, $code, "", "")); }
sub attributes {
  my $path = shift;
  return pack("NQ>N", 5, 4, 0120777) if $path eq "/alias" && shift == 7;
  return pack("NQ>N", 5, 0, 0040755) if $path =~ m{/(root|late|sub|alias)?$};
  return pack("NQ>N", 5, 4, 0120777) if $path =~ m{/link$};
  return pack("NQ>N", 5, length $content, 0100644);
}
sub readFully { my $n = shift; my $b = ""; while (length $b < $n) { sysread(STDIN, $b, $n - length $b, length $b) or exit; } return $b; }
while (1) {
  my ($type, $id, $body) = unpack("CNa*", readFully(unpack("N", readFully(4))));
  my ($path, $rest) = unpack("N/a*a*", $body) if $type != 1;
  if ($type == 1) { answer(pack("CN", 2, 3)); }
  elsif ($type == 7 || $type == 17 || $type == 8) {
    if ($path =~ m{^/(alias|(root|late)(/(file|link|sub))?)?$}) { answer(pack("CN", 105, $id) . attributes($path, $type)); } else { status($id, 2); }
  }
  elsif ($type == 3 || $type == 11) { $ended{$path} = $path =~ /sub$/; answer(pack("CNN/a*", 102, $id, $path)); }
  elsif ($type == 12) {
    $ended{$path} = $ended{$path} ? 0 : 1 if $path =~ /late$/;
    if ($path =~ /late$/ ? $ended{$path} : $ended{$path}++) { status($id, 1); next; }
    my @names = ("../up", "a/b", "", "nul\0x", ".", "..", "file", "sub", "link");
    answer(pack("CNN", 104, $id, scalar @names) . join("", map { pack("N/a*N/a*N", $_, $_, 0) } @names));
  }
  elsif ($type == 16) { answer(pack("CNNN/a*N/a*N", 104, $id, 1, $path, "", 0)); }
  elsif ($type == 19) { answer(pack("CNNN/a*N/a*N", 104, $id, 1, "file", "file", 0)); }
  elsif ($type == 5) {
    my ($offset, $length) = unpack("Q>N", $rest);
    my $part = $offset < length $content ? substr($content, $offset, $length < 7 ? $length : 7) : "";
    if ($part eq "") { status($id, 1); } else { answer(pack("CNN/a*", 103, $id, $part)); }
  }
  else { status($id, $type == 4 ? 0 : 8); }
}
)";

Entry entryOf(std::string path, Kind kind = Kind::FILE) {
  Entry entry;
  entry.path = std::move(path);
  entry.kind = kind;
  return entry;
}

struct Script {
  test::TempFolder folder;
  std::string path = folder.write("server", kServer, 0755);
};

struct TerseWorld : Script, SourceWorld {
  TerseWorld() : SourceWorld({.lines = {"ForceCommand /usr/bin/perl " + Script::path}}) {}
};

TEST_CASE("a server that tells no types is asked for them, and names that are none go no further") {
  TerseWorld world;
  Options options;
  options.recursive = true;
  auto walked = world.walk({"/root"}, options);
  REQUIRE(walked.paths() == std::vector<std::string>{"root", "root/file", "root/link", "root/sub"});
  REQUIRE(walked.at("root/file").size == 20);
  REQUIRE(walked.at("root/sub").kind == Kind::DIRECTORY);
  REQUIRE(walked.at("root/link").target == "file");
  REQUIRE(walked.errors.size() == 4);
  for (const auto& error : walked.errors) REQUIRE(error.error.reason == Reason::REMOTE_IO);
}

TEST_CASE("a server that tells no types is asked what is in the places of many entries") {
  TerseWorld world;
  const Options options{.recursive = true};
  PartsInUse parts;
  RemoteSink sink(world.loop, world.streams, world.channels, "/", options, parts, "host");
  world.must(sink.begin({1, entryOf("root", Kind::DIRECTORY)}));
  std::vector<Entry> entries = {entryOf("root/file"), entryOf("root/link"), entryOf("root/sub", Kind::DIRECTORY)};
  for (int i = 0; i < 20; ++i) entries.push_back(entryOf("root/" + std::to_string(i)));
  auto standings = world.wait(sink.look(entries));
  REQUIRE(standings.at(0).value()->size == 20);
  REQUIRE(standings.at(1).value()->kind == Kind::LINK);
  REQUIRE(standings.at(2).value()->kind == Kind::DIRECTORY);
  for (size_t i = 3; i < entries.size(); ++i) REQUIRE_FALSE(standings.at(i).value());
}

TEST_CASE("what a server tells after the end of a folder is not lost") {
  TerseWorld world;
  const Options options{.recursive = true};
  PartsInUse parts;
  RemoteSink sink(world.loop, world.streams, world.channels, "/", options, parts, "host");
  world.must(sink.begin({1, entryOf("late", Kind::DIRECTORY)}));
  std::vector<Entry> entries = {entryOf("late/file")};
  for (int i = 0; i < 20; ++i) entries.push_back(entryOf("late/" + std::to_string(i)));
  REQUIRE(world.wait(sink.look(entries)).at(0).value()->size == 20);
}

TEST_CASE("a destination that is a link to a folder is followed on a server that resolves no paths") {
  TerseWorld world;
  const Options options{.recursive = true};
  PartsInUse parts;
  RemoteSink sink(world.loop, world.streams, world.channels, "/alias", options, parts, "host");
  world.must(sink.begin({1, entryOf("", Kind::DIRECTORY)}));
  REQUIRE(world.wait(sink.look({entryOf("", Kind::DIRECTORY)})).at(0).value()->kind == Kind::DIRECTORY);
  REQUIRE(world.wait(sink.make({entryOf("", Kind::DIRECTORY)})).at(0));
}

TEST_CASE("names that are none match no pattern") {
  TerseWorld world;
  Closing closing;
  auto found = world.must(findRemote(world.streams.first(), closing, "/root/*"));
  REQUIRE(found.size() == 3);
  REQUIRE(world.must(findRemote(world.streams.first(), closing, "/root/*/")).size() == 2);
}

TEST_CASE("a server that gives few bytes at once is read to the end") {
  TerseWorld world;
  const Options options;
  RemoteSource source(world.loop, world.streams, world.channels, {"/root/file"}, options);
  world.must(source.roots());
  auto file = world.walk(source).at("file");
  auto whole = world.wait(source.readWhole({file}));
  REQUIRE(textOf(whole[0].value()) == "0123456789abcdefghij");
  auto reader = world.must(source.open(file));
  REQUIRE(textOf(world.must(reader->read(2, 16))) == "23456789abcdefgh");
  REQUIRE(textOf(world.must(reader->read(2, 100))) == "23456789abcdefghij");
  world.must(reader->checkUnchanged());
}

}  // namespace
}  // namespace cbs::transfer
