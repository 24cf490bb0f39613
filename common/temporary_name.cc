#include "common/temporary_name.h"

#include <kj/debug.h>

#include <sys/random.h>

namespace cbs {
namespace {

constexpr size_t kNameInTemporary = 200;
constexpr size_t kRandomLetters = 8;
constexpr std::string_view kLetters = "abcdefghijklmnopqrstuvwxyz234567";
constexpr std::string_view kMark = ".cbs-";

bool continuesCharacter(char byte) { return (static_cast<unsigned char>(byte) & 0xc0) == 0x80; }

// No character of UTF-8 is cut in two, as some file systems take no such names.
std::string_view cut(std::string_view name) {
  constexpr size_t kLongestCharacter = 4;
  if (name.size() <= kNameInTemporary) return name;
  for (size_t end = kNameInTemporary; end > kNameInTemporary - kLongestCharacter; --end) {
    if (!continuesCharacter(name[end])) return name.substr(0, end);
  }
  return name.substr(0, kNameInTemporary);
}

std::string beforeLetters(std::string_view name) { return std::string(".").append(cut(name)).append(kMark); }

bool areLetters(std::string_view text) {
  return text.size() == kRandomLetters && text.find_first_not_of(kLetters) == std::string_view::npos;
}

}  // namespace

std::string temporaryName(std::string_view name) {
  unsigned char random[kRandomLetters];
  KJ_SYSCALL(getrandom(random, sizeof(random), 0));
  std::string temporary = beforeLetters(name);
  for (unsigned char byte : random) temporary += kLetters[byte % kLetters.size()];
  return temporary;
}

bool isTemporaryOf(std::string_view candidate, std::string_view name) {
  const std::string before = beforeLetters(name);
  return candidate.substr(0, before.size()) == before && areLetters(candidate.substr(before.size()));
}

bool isTemporary(std::string_view candidate) {
  size_t mark = candidate.rfind(kMark);
  return mark != std::string_view::npos && mark > 1 && candidate.front() == '.' &&
         areLetters(candidate.substr(mark + kMark.size()));
}

}  // namespace cbs
