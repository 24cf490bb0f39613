#include "cli/output/explain_error.h"

#include "cli/output/printable.h"
#include "cli/output/sentence_table.h"
#include "common/duration.h"
#include "common/entry_path.h"

#include <cstdlib>
#include <optional>

namespace cbs::cli {
namespace {

// `user@host:2222` as ssh takes it: `-p 2222 user@host`.
std::string asForSsh(std::string_view target) {
  size_t colon = target.rfind(':');
  size_t at = target.find('@') == target.npos ? 0 : target.find('@') + 1;
  bool bracketed = at < target.size() && target[at] == '[';
  bool hasPort = colon != target.npos && (bracketed ? target[colon - 1] == ']' : target.find(':') == colon);
  std::string user(target.substr(0, at));
  std::string_view host = target.substr(at, hasPort ? colon - at : target.npos);
  if (bracketed) host = host.substr(1, host.find(']') - 1);
  std::string port = hasPort ? "-p " + std::string(target.substr(colon + 1)) + " " : "";
  return port + user + std::string(host);
}

// Its paths; no more than fit in a sentence.
std::string partsOf(const Error& error) {
  constexpr size_t kMost = 3;
  std::string text;
  size_t count = 0;
  for (const Fact& fact : error.facts) {
    if (fact.name == "part" && ++count <= kMost) text += (text.empty() ? "" : ", ") + printable(fact.value);
  }
  return count > kMost ? text + " and " + std::to_string(count - kMost) + " more" : text;
}

std::string partSizeOf(const Error& error) {
  auto bytes = error.fact("partBytes");
  return bytes.empty() ? "a part" : byteText(strtoull(std::string(bytes).c_str(), nullptr, 10));
}

// Fills in the templates of sentence_table.h.
class Filler {
 public:
  Filler(const Error& error, std::string_view subject) : error_(error), subject_(subject) {}

  std::string fill(std::string_view text) const { return part(text).value_or(""); }

 private:
  std::string valueOf(std::string_view name) const {
    if (name == "detail") return printable(error_.detail);
    if (name == "subject") return printable(subject_);
    if (name == "ssh") return printable(asForSsh(subject_));
    if (name == "path") return printable(fileOf(error_).empty() ? error_.detail : fileOf(error_));
    if (name == "where")
      return error_.detail.find(fileOf(error_)) == std::string::npos ? printable(fileOf(error_)) : "";
    if (name == "words") return fileOf(error_).empty() ? "" : printable(ownWords(error_));
    if (name == "inTheWay") return printable(inTheWay());
    if (name == "part") return partsOf(error_);
    if (name == "partSize") return partSizeOf(error_);
    return printable(error_.fact(name));
  }

  // `/srv/app: it is not a folder`; `/srv/app is in the way: …` where the words begin with its last name.
  std::string inTheWay() const {
    auto path = fileOf(error_);
    std::string_view detail = error_.detail;
    if (path.empty() || detail.find(path) != detail.npos) return error_.detail;
    std::string name(cbs::nameOf(path));
    bool named = !name.empty() && detail.substr(0, name.size() + 1) == name + " ";
    return std::string(path) + (named ? "" : ": ") + std::string(named ? detail.substr(name.size()) : detail);
  }

  // nullopt if something that `text` names outside of brackets is missing.
  std::optional<std::string> part(std::string_view text) const {
    std::string result;
    for (size_t i = 0; i < text.size(); ++i) {
      if (text[i] != '[' && text[i] != '{') {
        result += text[i];
        continue;
      }
      bool optional = text[i] == '[';
      size_t end = text.find(optional ? ']' : '}', i);
      auto inner = text.substr(i + 1, end - i - 1);
      auto value = optional ? part(inner).value_or("") : valueOf(inner);
      if (!optional && value.empty()) return std::nullopt;
      result += value;
      i = end;
    }
    return result;
  }

  const Error& error_;
  std::string_view subject_;
};

}  // namespace

Explanation explain(const Error& error, std::string_view subject) {
  Wording wording = wordingOf(error);
  auto jumpHost = error.fact("jumpHost");
  Filler filler(error, jumpHost.empty() ? subject : jumpHost);
  std::string message = filler.fill(wording.what);
  if (message.empty()) message = std::string(nameOf(error.kind)) + " (" + std::string(nameOf(error.reason)) + ")";
  if (!jumpHost.empty()) message = "jump host " + printable(jumpHost) + ": " + message;
  return {message, filler.fill(wording.next)};
}

std::string stopped(std::string sentence) {
  if (!sentence.ends_with('.') && !sentence.ends_with('?')) sentence += '.';
  return sentence;
}

std::string sentence(const Error& error, std::string_view subject) { return sentenceOfJob(error, subject, ""); }

std::string sentenceOfJob(const Error& error, std::string_view target, std::string_view job) {
  auto [message, next] = explain(error, target);
  std::string line = "cbsession: ";
  if (!target.empty()) line += printable(target) + ": ";
  if (!job.empty()) line += "job " + printable(job) + ": ";
  line += message;
  if (!next.empty()) line = stopped(std::move(line)) + " Next: " + next;
  auto id = error.fact("id");
  if (!id.empty() && id != job) line += " [" + printable(id) + "]";
  return line + '\n';
}

}  // namespace cbs::cli
