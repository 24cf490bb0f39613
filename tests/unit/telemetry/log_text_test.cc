#include "agentd/telemetry/log_text.h"

#include <capnp/compat/json.h>
#include <capnp/message.h>
#include <catch2/catch_test_macros.hpp>

#include <string>

namespace cbs::telemetry {
namespace {

std::string text(const Field& field) {
  std::string line;
  appendText(line, field);
  return line;
}

// What a reader of JSON understands.
std::string throughJson(const std::string& bytes) {
  std::string object = "{";
  appendJson(object, {"value", bytes});
  object += "}";
  capnp::MallocMessageBuilder message;
  auto value = message.initRoot<capnp::JsonValue>();
  capnp::JsonCodec().decodeRaw(kj::arrayPtr(object.data(), object.size()), value);
  auto read = value.getObject()[0].getValue().getString();
  return {read.cStr(), read.size()};
}

TEST_CASE("a word stands as it is, and what is not one in quotes") {
  CHECK(text({"host", "web1"}) == " host=web1");
  CHECK(text({"host", ""}) == " host=\"\"");
  CHECK(text({"why", "two words"}) == " why=\"two words\"");
  CHECK(text({"why", "a=b"}) == " why=\"a=b\"");
  CHECK(text({"why", "say \"no\" \\"}) == " why=\"say \\\"no\\\" \\\\\"");
}

TEST_CASE("nothing that is written into a line can end it, or steer a terminal") {
  CHECK(text({"why", "x\n2026 info app: forged"}) == " why=\"x\\n2026 info app: forged\"");
  CHECK(text({"why", "\x1b[31mred"}) == " why=\"\\x1b[31mred\"");
  CHECK(text({"why", "\xc2\x9b"}) == " why=\"\\xc2\\x9b\"");  // CSI as one character
  CHECK(text({"why", "\xff"}) == " why=\"\\xff\"");
  CHECK(text({"why", std::string("\0", 1)}) == " why=\"\\x00\"");
  CHECK(text({"why", "größer"}) == " why=\"größer\"");
}

TEST_CASE("numbers, flags and times are themselves") {
  CHECK(text({"n", 42u}) == " n=42");
  CHECK(text({"n", -1}) == " n=-1");
  CHECK(text({"ok", true}) == " ok=true");
  CHECK(text({"ms", Took{12'300}}) == " ms=12.3");
  CHECK(text({"ms", Took{1'001}}) == " ms=1.001");
  CHECK(text({"ms", Took{250'999}}) == " ms=250");
  std::string object = "{";
  appendJson(object, {"n", 42});
  appendJson(object, {"ok", false});
  appendJson(object, {"ms", Took{500}});
  CHECK(object == R"({"n":42,"ok":false,"ms":0.5)");
}

TEST_CASE("JSON brings back every text, and a mark for what is none") {
  for (const std::string& bytes : {std::string("a\"b\\c\n\t\x01"), std::string("größer \xf0\x9f\x90\xa2")}) {
    CHECK(throughJson(bytes) == bytes);
  }
  std::string controls;
  appendJsonString(controls, "\x7f \xc2\x9b");
  CHECK(controls == R"("\u007f \u009b")");
  CHECK(throughJson("\xff\xc0\x80") == "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd");
  CHECK(throughJson("\xed\xa0\x80") == "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd");  // half a surrogate pair
  CHECK(throughJson("cut \xe2\x82") == "cut \xef\xbf\xbd\xef\xbf\xbd");
}

}  // namespace
}  // namespace cbs::telemetry
