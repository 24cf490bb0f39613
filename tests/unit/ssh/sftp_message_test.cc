#include "agentd/ssh/sftp_assembler.h"

#include <catch2/catch_test_macros.hpp>

#include <sys/stat.h>

#include <vector>

namespace cbs::ssh {
namespace {

kj::Array<kj::byte> bytesOf(std::string_view text) {
  return kj::heapArray(reinterpret_cast<const kj::byte*>(text.data()), text.size());
}

std::vector<SftpMessage> assemble(SftpAssembler& assembler, kj::ArrayPtr<const kj::byte> bytes, size_t piece) {
  std::vector<SftpMessage> messages;
  for (size_t at = 0; at < bytes.size(); at += piece) {
    auto part = bytes.slice(at, std::min(at + piece, bytes.size()));
    REQUIRE(assembler.take(part, [&](SftpMessage message) { messages.push_back(kj::mv(message)); }));
  }
  return messages;
}

TEST_CASE("SFTP messages are put together however they are cut") {
  kj::Vector<kj::byte> stream;
  stream.addAll(frameSftp(SftpType::STATUS, 7, core::WireWriter().uint32(4).string("no").bytes(), 0));
  stream.addAll(frameSftp(SftpType::HANDLE, 8, "", 0));
  for (size_t piece : {1u, 5u, 9u, 1000u}) {
    SftpAssembler assembler;
    auto messages = assemble(assembler, stream, piece);
    REQUIRE(messages.size() == 2);
    REQUIRE(messages[0].type == SftpType::STATUS);
    REQUIRE(messages[0].id == 7);
    auto reader = messages[0].reader();
    REQUIRE(reader.uint32() == 4);
    REQUIRE(reader.string() == "no");
    REQUIRE(messages[1].id == 8);
    REQUIRE(messages[1].body.size() == 0);
  }
}

TEST_CASE("a message that is impossibly long or short is no SFTP") {
  auto ignore = [](SftpMessage) {};
  REQUIRE_FALSE(SftpAssembler().take(bytesOf("Welcome to this machine"), ignore));
  REQUIRE_FALSE(SftpAssembler().take(bytesOf(std::string_view("\0\0\0\4\1\0\0\0\0", 9)), ignore));
}

TEST_CASE("file attributes survive the way there and back") {
  SftpAttributes attributes;
  attributes.size = uint64_t(5) << 32;
  attributes.mode = S_IFREG | 0644;
  attributes.mtime = 1'700'000'000;
  core::WireWriter writer;
  writeAttributes(writer, attributes);
  core::WireReader reader(writer.bytes());
  REQUIRE(readAttributes(reader) == attributes);
  REQUIRE(reader.atEnd());
  REQUIRE(attributes.isRegular());
  REQUIRE_FALSE(attributes.isDirectory());
}

}  // namespace
}  // namespace cbs::ssh
