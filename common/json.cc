#include "common/json.h"

#include "common/utf8.h"

namespace cbs {
namespace {

// What servers and callers say may be any bytes; JSON that is no UTF-8 is lost as a whole.
void setText(capnp::JsonValue::Builder to, capnp::Text::Reader text) {
  to.setString(wellFormedUtf8({text.begin(), text.size()}));
}

}  // namespace

// The codec writes 64-bit integers as strings, as a double cannot hold them all. Ours are counts, times and sizes below
// 2^53.
template <typename Integer>
struct JsonWriter::NumberHandler final : capnp::JsonCodec::Handler<Integer> {
  void encode(const capnp::JsonCodec&, Integer value, capnp::JsonValue::Builder to) const override {
    to.setNumber(static_cast<double>(value));
  }
  Integer decode(const capnp::JsonCodec&, capnp::JsonValue::Reader from) const override {
    return static_cast<Integer>(from.getNumber());
  }
};

struct JsonWriter::TextHandler final : capnp::JsonCodec::Handler<capnp::Text> {
  void encode(const capnp::JsonCodec&, capnp::Text::Reader text, capnp::JsonValue::Builder to) const override {
    setText(to, text);
  }
  capnp::Orphan<capnp::Text> decode(const capnp::JsonCodec&, capnp::JsonValue::Reader from,
                                    capnp::Orphanage orphanage) const override {
    return orphanage.newOrphanCopy(from.getString());
  }
};

// A list of structs of a name and a value, such as facts and labels, is one object.
template <typename Pair>
struct JsonWriter::ObjectHandler final : capnp::JsonCodec::Handler<capnp::List<Pair>> {
  void encode(const capnp::JsonCodec&, typename capnp::List<Pair>::Reader pairs,
              capnp::JsonValue::Builder to) const override {
    auto object = to.initObject(pairs.size());
    for (unsigned i = 0; i < pairs.size(); ++i) {
      auto name = pairs[i].getName();
      object[i].setName(wellFormedUtf8({name.begin(), name.size()}));
      setText(object[i].initValue(), pairs[i].getValue());
    }
  }
  capnp::Orphan<capnp::List<Pair>> decode(const capnp::JsonCodec&, capnp::JsonValue::Reader,
                                          capnp::Orphanage) const override {
    KJ_UNIMPLEMENTED("JSON is only written");
  }
};

JsonWriter::JsonWriter(capnp::StructSchema type) {
  static NumberHandler<int64_t> signedNumbers;
  static NumberHandler<uint64_t> unsignedNumbers;
  static TextHandler texts;
  static ObjectHandler<schema::Fact> facts;
  static ObjectHandler<schema::Label> labels;
  codec_.addTypeHandler(signedNumbers);
  codec_.addTypeHandler(unsignedNumbers);
  codec_.addTypeHandler(texts);
  codec_.addTypeHandler(facts);
  codec_.addTypeHandler(labels);
  codec_.handleByAnnotation(type);
}

std::string JsonWriter::write(capnp::DynamicStruct::Reader value) const {
  auto text = codec_.encode(value, value.getSchema());
  std::string line(text.begin(), text.size());
  return line + '\n';
}

}  // namespace cbs
