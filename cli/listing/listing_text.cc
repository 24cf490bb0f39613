#include "cli/listing/listing_text.h"

#include "cli/output/printable.h"
#include "cli/transfer/transfer_places.h"

#include <algorithm>
#include <cstdio>
#include <ctime>

namespace cbs::cli {
namespace {

constexpr int64_t kHalfYearS = 31556952 / 2;  // as ls has it: half a mean Gregorian year

std::string shown(std::string_view name, const ListingStyle& style) {
  return style.terminal ? printable(name) : std::string(name);
}

std::string nameOf(const ListedFile& file, const ListingStyle& style) {
  std::string text = shown(file.name, style);
  if (style.details && file.kind == schema::FileKind::LINK) text += " -> " + shown(file.target, style);
  return text;
}

std::string orNumber(const std::string& name, uint32_t number, const ListingStyle& style) {
  return name.empty() ? std::to_string(number) : shown(name, style);
}

// Columns as wide as they must be; the name stands last, so that whatever is in it moves nothing.
struct Columns {
  size_t owner = 0, group = 0, size = 0;
};

Columns columnsOf(const std::vector<ListedFile>& files, const ListingStyle& style) {
  Columns widths;
  for (const ListedFile& file : files) {
    widths.owner = std::max(widths.owner, orNumber(file.owner, file.uid, style).size());
    widths.group = std::max(widths.group, orNumber(file.group, file.gid, style).size());
    widths.size = std::max(widths.size, std::to_string(file.size).size());
  }
  return widths;
}

std::string padded(std::string text, size_t width) {
  text.resize(std::max(text.size(), width), ' ');
  return text;
}

std::string linesOf(const std::vector<ListedFile>& files, const ListingStyle& style) {
  std::string text;
  auto widths = style.details ? columnsOf(files, style) : Columns();
  for (const ListedFile& file : files) {
    if (style.details) {
      std::string size = std::to_string(file.size);
      text += modeText(file.kind, file.mode) + " " + padded(orNumber(file.owner, file.uid, style), widths.owner) + " " +
              padded(orNumber(file.group, file.gid, style), widths.group) + " " +
              std::string(widths.size - size.size(), ' ') + size + " " + listedTime(file.mtimeS, style.nowS) + " ";
    }
    text += nameOf(file, style) + "\n";
  }
  return text;
}

// One of the three letters of a class: `special` stands for set-user-id, set-group-id or sticky.
char executeLetter(bool execute, bool special, char letter) {
  if (!special) return execute ? 'x' : '-';
  return execute ? letter : static_cast<char>(letter - 'a' + 'A');
}

}  // namespace

std::string modeText(schema::FileKind kind, uint32_t mode) {
  std::string text;
  switch (kind) {
    case schema::FileKind::FILE:
      text = "-";
      break;
    case schema::FileKind::DIRECTORY:
      text = "d";
      break;
    case schema::FileKind::LINK:
      text = "l";
      break;
    default:
      text = "?";
  }
  for (int shift : {6, 3, 0}) {
    uint32_t bits = mode >> shift;
    text += (bits & 4) != 0 ? 'r' : '-';
    text += (bits & 2) != 0 ? 'w' : '-';
    bool special = (mode & (shift == 6 ? 04000u : shift == 3 ? 02000u : 01000u)) != 0;
    text += executeLetter((bits & 1) != 0, special, shift == 0 ? 't' : 's');
  }
  return text;
}

std::string listedTime(int64_t mtimeS, int64_t nowS) {
  constexpr const char* kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  time_t time = mtimeS;
  tm parts{};
  if (localtime_r(&time, &parts) == nullptr) return std::to_string(mtimeS);
  char text[64];
  bool recent = mtimeS <= nowS && mtimeS > nowS - kHalfYearS;
  if (recent) {
    snprintf(text, sizeof(text), "%s %2d %02d:%02d", kMonths[parts.tm_mon], parts.tm_mday, parts.tm_hour, parts.tm_min);
  } else {
    snprintf(text, sizeof(text), "%s %2d  %d", kMonths[parts.tm_mon], parts.tm_mday, parts.tm_year + 1900);
  }
  return text;
}

std::string listingText(const Listing& listing, const ListingStyle& style) {
  std::vector<ListedFile> themselves = listing.themselves;
  if (style.hosts) {
    for (ListedFile& file : themselves) file.name = placeName(listing.host, file.name);
  }
  std::string text = linesOf(themselves, style);
  for (const ListedFolder& folder : listing.folders) {
    if (style.headings) {
      if (!text.empty()) text += "\n";
      text += shown(style.hosts ? placeName(listing.host, folder.path) : folder.path, style) + ":\n";
    }
    text += linesOf(folder.files, style);
  }
  return text;
}

}  // namespace cbs::cli
