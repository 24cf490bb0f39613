#include "cli/nodes/fold.h"

#include "cli/nodes/number_range.h"

#include <algorithm>
#include <unordered_map>

namespace cbs::cli {
namespace {

bool isDigit(char c) { return c >= '0' && c <= '9'; }

size_t endOfDigits(std::string_view text, size_t at) {
  while (at < text.size() && isDigit(text[at])) ++at;
  return at;
}

uint64_t numberOf(std::string_view digits) {
  uint64_t value = 0;
  for (char c : digits) value = value * 10 + static_cast<uint64_t>(c - '0');
  return value;
}

// Text and numbers by turns, beginning and ending with text. After folding a number may be several, in brackets.
using FoldRow = std::vector<std::string>;

// What would mean something else in a node set stays in one piece.
bool canFold(std::string_view name) {
  return name.find_first_of("[],!&^*? \t\r\n") == name.npos && name.find("@@") == name.npos && name.substr(0, 1) != "@";
}

FoldRow splitAtNumbers(std::string_view name) {
  FoldRow row(1);
  if (!canFold(name)) return {std::string(name)};
  for (size_t at = 0; at < name.size();) {
    size_t end = endOfDigits(name, at);
    if (end > at && end - at <= kMostDigits) {
      row.emplace_back(name.substr(at, end - at));
      row.emplace_back();
      at = end;
    } else {
      end = std::max(end, at + 1);
      row.back() += name.substr(at, end - at);
      at = end;
    }
  }
  return row;
}

// All but one of the row's pieces, or only its texts.
std::string keyOf(const FoldRow& row, size_t but) {
  std::string key;
  for (size_t i = 0; i < row.size(); ++i) {
    if (i != but) key += row[i];
    key += '\n';
  }
  return key;
}

std::string shapeOfRow(const FoldRow& row) {
  std::string key;
  for (size_t i = 0; i < row.size(); i += 2) (key += row[i]) += '\n';
  return key;
}

// The number after this, if a range may go on with it: as wide where this is padded.
bool isNext(std::string_view number, std::string_view first, std::string_view next) {
  bool padded = first.size() > 1 && first[0] == '0';
  if (padded && next.size() != number.size()) return false;
  bool nextPadded = next.size() > 1 && next[0] == '0';
  if (nextPadded && next.size() != first.size()) return false;
  return numberOf(number) + 1 == numberOf(next);
}

// 1-3,7 of sorted numbers.
std::string rangesOf(const std::vector<std::string>& numbers) {
  std::string text;
  for (size_t begin = 0; begin < numbers.size();) {
    size_t end = begin + 1;
    while (end < numbers.size() && isNext(numbers[end - 1], numbers[begin], numbers[end])) ++end;
    text += (text.empty() ? "" : ",") + numbers[begin];
    if (end - begin > 1) text += "-" + numbers[end - 1];
    begin = end;
  }
  return numbers.size() == 1 ? text : "[" + text + "]";
}

// Makes one row of those that differ in that number only.
void foldNumber(std::vector<FoldRow>& rows, size_t piece) {
  auto same = [&](const FoldRow& row) { return row[piece] == rows[0][piece]; };
  if (std::all_of(rows.begin(), rows.end(), same)) return;
  std::unordered_map<std::string, size_t> places;
  std::vector<FoldRow> folded;
  std::vector<std::vector<std::string>> numbers;
  for (FoldRow& row : rows) {
    auto [place, fresh] = places.emplace(keyOf(row, piece), folded.size());
    if (fresh) numbers.emplace_back();
    numbers[place->second].push_back(row[piece]);
    if (fresh) folded.push_back(std::move(row));
  }
  for (size_t i = 0; i < folded.size(); ++i) folded[i][piece] = rangesOf(numbers[i]);
  rows = std::move(folded);
}

std::vector<std::string> sortedOnce(std::vector<std::string> names) {
  std::sort(names.begin(), names.end(), naturallyBefore);
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

// Rows of the same texts together, those that come first before the others.
std::vector<std::vector<FoldRow>> rowsByShape(const std::vector<std::string>& names) {
  std::unordered_map<std::string, size_t> places;
  std::vector<std::vector<FoldRow>> shapes;
  for (const std::string& name : names) {
    FoldRow row = splitAtNumbers(name);
    auto [place, fresh] = places.emplace(shapeOfRow(row), shapes.size());
    if (fresh) shapes.emplace_back();
    shapes[place->second].push_back(std::move(row));
  }
  return shapes;
}

}  // namespace

bool naturallyBefore(std::string_view a, std::string_view b) {
  auto differs = static_cast<size_t>(std::mismatch(a.begin(), a.end(), b.begin(), b.end()).first - a.begin());
  size_t begin = differs;
  while (begin > 0 && isDigit(a[begin - 1])) --begin;
  auto first = a.substr(begin, endOfDigits(a, begin) - begin), second = b.substr(begin, endOfDigits(b, begin) - begin);
  bool numbers = !first.empty() && !second.empty() && first != second;
  if (numbers) return first.size() != second.size() ? first.size() < second.size() : first < second;
  return a.substr(differs) < b.substr(differs);
}

std::string foldTargets(const std::vector<std::string>& names) {
  std::string text;
  for (auto& rows : rowsByShape(sortedOnce(names))) {
    for (size_t piece = rows[0].size(); piece-- > 1;) {
      if (piece % 2 == 1) foldNumber(rows, piece);
    }
    for (const FoldRow& row : rows) {
      if (!text.empty()) text += ',';
      for (const std::string& part : row) text += part;
    }
  }
  return text;
}

}  // namespace cbs::cli
