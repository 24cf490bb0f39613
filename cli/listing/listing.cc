#include "cli/listing/listing.h"

#include "cli/bytes.h"

#include <algorithm>

namespace cbs::cli {
namespace {

ListedFile decodeFile(schema::ListedFile::Reader from) {
  auto entry = from.getEntry();
  ListedFile file;
  file.name = viewOf(from.getName());
  file.kind = entry.getKind();
  file.size = entry.getSize();
  file.mode = entry.getMode();
  file.mtimeS = entry.getMtimeS();
  file.target = viewOf(entry.getTarget());
  file.uid = from.getUid();
  file.gid = from.getGid();
  file.owner = from.getOwner().cStr();
  file.group = from.getGroup().cStr();
  return file;
}

void sortFiles(std::vector<ListedFile>& files) {
  std::sort(files.begin(), files.end(), [](const ListedFile& a, const ListedFile& b) { return a.name < b.name; });
  auto same = [](const ListedFile& a, const ListedFile& b) { return a.name == b.name; };
  files.erase(std::unique(files.begin(), files.end(), same), files.end());
}

}  // namespace

void Listing::add(std::string path, capnp::List<schema::ListedFile>::Reader files) {
  bool ofFolder = !path.empty();
  if (ofFolder && (folders.empty() || folders.back().path != path)) folders.push_back({std::move(path)});
  auto& known = ofFolder ? folders.back().files : themselves;
  for (auto file : files) known.push_back(decodeFile(file));
}

void Listing::dropHidden() {
  for (ListedFolder& folder : folders) {
    std::erase_if(folder.files, [](const ListedFile& file) { return file.name.rfind('.', 0) == 0; });
  }
}

void Listing::sort() {
  sortFiles(themselves);
  for (ListedFolder& folder : folders) sortFiles(folder.files);
}

}  // namespace cbs::cli
