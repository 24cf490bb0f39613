// What can go wrong, as data: a kind that says what the caller should do, a reason that says what happened, and facts.
#pragma once

#include "schema/types.capnp.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <utility>
#include <vector>

namespace cbs {

using schema::ErrorKind;
using schema::Reason;

// A named detail. The names in use stand where they are set; they are part of `--output json`.
struct Fact {
  std::string name;
  std::string value;
  bool operator==(const Fact&) const = default;
};

struct [[nodiscard]] Error {
  ErrorKind kind = ErrorKind::INTERNAL;
  Reason reason = Reason::UNSPECIFIED;
  std::string detail;  // words of the system or library that failed; for people, never parsed
  std::vector<Fact> facts = {};

  // Adds a fact, for building an error in one expression.
  Error&& with(std::string name, std::string value) &&;

  // The value of a fact, or "" if there is none of that name.
  std::string_view fact(std::string_view name) const;

  bool operator==(const Error&) const = default;
};

template <typename T>
using Expected = tl::expected<T, Error>;

// `return fail(ErrorKind::UNREACHABLE, Reason::NAME_NOT_FOUND, "…");`
tl::unexpected<Error> fail(ErrorKind kind, Reason reason, std::string detail);
tl::unexpected<Error> fail(Error error);

// The words of errno, e.g. "Permission denied".
std::string systemMessage(int errorNumber);

// The name of a kind or reason as the schema has it, e.g. "hostKeyChanged".
std::string_view nameOf(ErrorKind kind);
std::string_view nameOf(Reason reason);

// Between an Error and its form on the wire. An error that is absent there (kind `none`) is decoded as such.
void encode(const Error& error, schema::Error::Builder to);
Error decode(schema::Error::Reader from);

}  // namespace cbs
