// Each line with its host's name before it, as it comes.
#include "cli/bytes.h"
#include "cli/fanout/line_marks.h"
#include "cli/fanout/spool.h"
#include "cli/fanout/summary.h"
#include "cli/fanout/text_presenters.h"

#include <unordered_map>

namespace cbs::cli {
namespace {

using schema::OutputStream;

constexpr size_t kReadBytes = size_t{64} << 10;
constexpr char kEscape = '\x1b';
constexpr const char* kPlainAgain = "\x1b[m";

class LinePresenter final : public Presenter {
 public:
  explicit LinePresenter(PresenterNeeds needs)
      : targets_(needs.targets), console_(needs.console), marks_(needs.targets, needs.console) {}

  Task<Expected<void>> started(uint32_t) override { co_return Expected<void>(); }
  Task<Expected<void>> output(uint32_t host, OutputStream stream, kj::ArrayPtr<const kj::byte> bytes) override;
  Task<Expected<void>> ended(uint32_t host, const HostEnd& end) override;
  Task<Expected<void>> finish(const FanOutResults&) override { co_return Expected<void>(); }

 private:
  // A line that has begun; on a terminal also one that may end with the next character.
  struct Begun {
    Spool::Text text;
    LineEnds ends;
    bool escapes = false;
  };
  using Key = uint64_t;
  static Key keyOf(uint32_t host, OutputStream stream) { return Key{host} * 2 + static_cast<Key>(stream); }

  Task<Expected<void>> show(uint32_t host, OutputStream stream, std::string_view text);
  Expected<void> keep(uint32_t host, OutputStream stream, std::string_view text);
  Task<Expected<void>> endLine(uint32_t host, OutputStream stream);
  std::string marked(std::string_view lines, uint32_t host, OutputStream stream) const;

  const std::vector<std::string>& targets_;
  Console& console_;
  HostMarks marks_;
  Spool spool_;
  std::unordered_map<Key, Begun> begun_;
};

Task<Expected<void>> LinePresenter::output(uint32_t host, OutputStream stream, kj::ArrayPtr<const kj::byte> bytes) {
  if (!console_.isTerminal(stream)) co_return co_await show(host, stream, viewOf(bytes));
  auto& begun = begun_[keyOf(host, stream)];
  std::string text = begun.ends.convert(viewOf(bytes), !begun.text.empty());
  co_return co_await show(host, stream, text);
}

Task<Expected<void>> LinePresenter::show(uint32_t host, OutputStream stream, std::string_view text) {
  size_t first = text.find('\n');
  if (first == text.npos) co_return keep(host, stream, text);
  auto place = begun_.find(keyOf(host, stream));
  if (place != begun_.end() && !place->second.text.empty()) {
    if (auto kept = keep(host, stream, text.substr(0, first)); !kept) co_return kept;
    if (auto shown = co_await endLine(host, stream); !shown) co_return shown;
    text.remove_prefix(first + 1);
  }
  size_t whole = text.rfind('\n') + 1;
  if (auto kept = keep(host, stream, text.substr(whole)); !kept) co_return kept;
  if (whole == 0) co_return Expected<void>();
  co_return co_await console_.write(stream, marked(text.substr(0, whole), host, stream));
}

Expected<void> LinePresenter::keep(uint32_t host, OutputStream stream, std::string_view text) {
  if (text.empty()) return {};
  auto& begun = begun_[keyOf(host, stream)];
  begun.escapes |= text.find(kEscape) != text.npos;
  return spool_.append(begun.text, bytesOf(text));
}

// Shows the line that has begun, with the newline that it lacks.
Task<Expected<void>> LinePresenter::endLine(uint32_t host, OutputStream stream) {
  auto place = begun_.find(keyOf(host, stream));
  if (place == begun_.end() || place->second.text.empty()) co_return Expected<void>();
  Begun& begun = place->second;
  std::string piece = marks_.of(host, stream);
  for (uint64_t done = 0; done < begun.text.size();) {
    auto part = spool_.read(begun.text, done, kReadBytes);
    if (!part) co_return fail(part.error());
    done += part->size();
    piece += *part;
    if (auto written = co_await console_.write(stream, std::exchange(piece, {})); !written) co_return written;
  }
  bool reset = begun.escapes && console_.isTerminal(stream);
  spool_.drop(begun.text);
  begun.escapes = false;
  if (!console_.isTerminal(stream)) begun_.erase(place);  // else whether a carriage return was last is still of use
  co_return co_await console_.write(stream, reset ? std::string(kPlainAgain) + "\n" : "\n");
}

std::string LinePresenter::marked(std::string_view lines, uint32_t host, OutputStream stream) const {
  std::string mark = marks_.of(host, stream);
  bool terminal = console_.isTerminal(stream);
  std::string text;
  text.reserve(lines.size() + mark.size() * 4);
  while (!lines.empty()) {
    size_t end = lines.find('\n');
    auto line = lines.substr(0, end);
    bool reset = terminal && line.find(kEscape) != line.npos;
    text.append(mark).append(line).append(reset ? kPlainAgain : "").append("\n");
    lines.remove_prefix(end + 1);
  }
  return text;
}

Task<Expected<void>> LinePresenter::ended(uint32_t host, const HostEnd& end) {
  for (auto stream : {OutputStream::STDOUT, OutputStream::STDERR}) {
    if (auto shown = co_await endLine(host, stream); !shown) co_return shown;
    begun_.erase(keyOf(host, stream));
  }
  auto sentence = endSentence(end, targets_[host]);
  if (sentence.empty()) co_return Expected<void>();
  co_return co_await console_.write(OutputStream::STDERR, kj::mv(sentence));
}

}  // namespace

std::unique_ptr<Presenter> makeLinePresenter(PresenterNeeds needs) { return std::make_unique<LinePresenter>(needs); }

}  // namespace cbs::cli
