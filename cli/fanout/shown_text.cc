#include "cli/fanout/shown_text.h"

namespace cbs::cli {
namespace {

constexpr size_t kShownAtOnce = 64 << 10;
constexpr char kEscapeByte = '\x1b';
constexpr const char* kReset = "\x1b[0m";

}  // namespace

Task<Expected<void>> showText(Console& console, schema::OutputStream stream, const Spool& spool,
                              const Spool::Text& text) {
  bool escapes = false;
  for (uint64_t offset = 0; offset < text.size();) {
    auto piece = spool.read(text, offset, kShownAtOnce);
    if (!piece) co_return fail(piece.error());
    offset += piece->size();
    escapes |= piece->find(kEscapeByte) != piece->npos;
    bool last = offset == text.size();
    bool unended = last && piece->back() != '\n';
    if (last && escapes && console.isTerminal(stream)) piece->insert(piece->size() - (unended ? 0 : 1), kReset);
    if (unended) *piece += '\n';
    auto written = co_await console.write(stream, std::move(*piece));
    if (!written) co_return written;
  }
  co_return Expected<void>();
}

}  // namespace cbs::cli
