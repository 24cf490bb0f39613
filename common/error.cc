#include "common/error.h"

#include <capnp/schema.h>

#include <cstring>

namespace cbs {
namespace {

template <typename Enum>
std::string_view enumerantName(Enum value) {
  auto enumerants = capnp::Schema::from<Enum>().getEnumerants();
  auto index = static_cast<unsigned>(value);
  if (index >= enumerants.size()) return "unspecified";
  auto name = enumerants[index].getProto().getName();
  return {name.begin(), name.size()};
}

}  // namespace

Error&& Error::with(std::string name, std::string value) && {
  facts.push_back({std::move(name), std::move(value)});
  return std::move(*this);
}

std::string_view Error::fact(std::string_view name) const {
  for (const Fact& fact : facts) {
    if (fact.name == name) return fact.value;
  }
  return {};
}

tl::unexpected<Error> fail(ErrorKind kind, Reason reason, std::string detail) {
  return tl::unexpected<Error>(Error{kind, reason, std::move(detail)});
}

tl::unexpected<Error> fail(Error error) { return tl::unexpected<Error>(std::move(error)); }

std::string systemMessage(int errorNumber) {
  char buffer[128];
  return strerror_r(errorNumber, buffer, sizeof(buffer));
}

std::string_view nameOf(ErrorKind kind) { return enumerantName(kind); }
std::string_view nameOf(Reason reason) { return enumerantName(reason); }

void encode(const Error& error, schema::Error::Builder to) {
  to.setKind(error.kind);
  to.setReason(error.reason);
  to.setDetail(error.detail.c_str());
  auto facts = to.initFacts(static_cast<unsigned>(error.facts.size()));
  for (unsigned i = 0; i < facts.size(); ++i) {
    facts[i].setName(error.facts[i].name.c_str());
    facts[i].setValue(error.facts[i].value.c_str());
  }
}

Error decode(schema::Error::Reader from) {
  Error error{from.getKind(), from.getReason(), from.getDetail().cStr()};
  for (auto fact : from.getFacts()) error.facts.push_back({fact.getName().cStr(), fact.getValue().cStr()});
  return error;
}

}  // namespace cbs
