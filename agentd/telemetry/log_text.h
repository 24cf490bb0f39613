// The forms that records have in logs: logfmt for people, JSON for programs. Neither can be broken by what is written
// into it, be it line ends, quotes, control characters or bytes that are no text.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <type_traits>

namespace cbs::telemetry {

// Something that took so many microseconds. It is written in milliseconds.
struct Took {
  uint64_t us;
};

// A named value. What it refers to must outlive it.
struct Field {
  enum class Kind { TEXT, NUMBER, FLAG, TOOK };

  Field(std::string_view name, std::string_view text) : name(name), text(text) {}
  Field(std::string_view name, const std::string& text) : name(name), text(text) {}
  Field(std::string_view name, const char* text) : name(name), text(text) {}
  Field(std::string_view name, Took took) : name(name), kind(Kind::TOOK), number(static_cast<int64_t>(took.us)) {}
  template <typename T>
  requires std::is_integral_v<T> Field(std::string_view name, T value)
      : name(name), kind(std::is_same_v<T, bool> ? Kind::FLAG : Kind::NUMBER), number(static_cast<int64_t>(value)) {}

  std::string_view name;
  Kind kind = Kind::TEXT;
  std::string_view text = {};
  int64_t number = 0;

  // It says nothing: an empty text.
  bool empty() const { return kind == Kind::TEXT && text.empty(); }
};

// ` name=value`, the value in quotes where it would not be one word.
void appendText(std::string& to, const Field& field);

// `,"name":value`; the comma only behind something.
void appendJson(std::string& to, const Field& field);
void appendJsonString(std::string& to, std::string_view bytes);

}  // namespace cbs::telemetry
