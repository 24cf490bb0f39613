// The library's failures and what they say.
#include "common/error.h"

#include <cbsession/types.h>

namespace cbsession {
namespace {

std::string sentence(const Failure& failure) {
  std::string text(nameOf(failure.kind));
  if (!failure.reason.empty() && failure.reason != "unspecified") text += "/" + failure.reason;
  if (!failure.detail.empty()) text += ": " + failure.detail;
  return text;
}

}  // namespace

std::string_view nameOf(ErrorKind kind) { return cbs::nameOf(static_cast<cbs::ErrorKind>(kind)); }

std::string_view Failure::fact(std::string_view name) const {
  for (const Fact& fact : facts) {
    if (fact.name == name) return fact.value;
  }
  return {};
}

Error::Error(Failure failure) : std::runtime_error(sentence(failure)), failure_(std::move(failure)) {}

}  // namespace cbsession
