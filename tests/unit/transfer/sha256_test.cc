#include "agentd/transfer/sha256.h"

#include <catch2/catch_test_macros.hpp>

namespace cbs::transfer {
namespace {

kj::ArrayPtr<const kj::byte> bytesOf(std::string_view text) {
  return {reinterpret_cast<const kj::byte*>(text.data()), text.size()};
}

TEST_CASE("SHA-256 is that of its standard, however the bytes are cut") {
  Sha256 whole;
  whole.add(bytesOf("abc"));
  Sha256 pieces;
  for (const char* piece : {"a", "", "bc"}) pieces.add(bytesOf(piece));
  std::string digest = whole.digest();
  REQUIRE(digest.size() == Sha256::kBytes);
  REQUIRE(hexOf(digest) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  REQUIRE(pieces.digest() == digest);
}

TEST_CASE("SHA-256 of nothing is one, too") {
  REQUIRE(hexOf(Sha256().digest()) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

TEST_CASE("a digest survives the way to hex and back") {
  std::string digest = Sha256().digest();
  REQUIRE(digestOfHex(hexOf(digest)) == digest);
}

TEST_CASE("what is not 64 hexadecimal digits is no digest") {
  std::string hex(64, 'a');
  REQUIRE(digestOfHex(hex).size() == 32);
  for (const auto& wrong : {std::string(), std::string(63, 'a'), std::string(65, 'a'), std::string(64, 'g'),
                            hex.substr(0, 63) + " ", hex.substr(0, 63) + '\0'}) {
    INFO(wrong);
    REQUIRE(digestOfHex(wrong) == "");
  }
}

}  // namespace
}  // namespace cbs::transfer
