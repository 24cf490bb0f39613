#include "tests/support/file_tree.h"

#include "tests/support/failure.h"
#include "tests/support/temp_folder.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

namespace cbs::test {
namespace {

namespace fs = std::filesystem;

constexpr int64_t kLongAgo = 1'234'567'890;
constexpr size_t kPartSuffix = sizeof(".cbs-abcdefgh") - 1;

struct stat statOf(const std::string& path) {
  struct stat info {};
  lstat(path.c_str(), &info);
  return info;
}

std::string described(const std::string& path, TreeOptions options) {
  struct stat info = statOf(path);
  if (S_ISLNK(info.st_mode)) return "link to " + fs::read_symlink(path).string();
  std::string text = S_ISDIR(info.st_mode) ? "folder" : S_ISREG(info.st_mode) ? "file" : "special";
  if (options.modes) text += " mode " + std::to_string(info.st_mode & 07777);
  if (options.times) text += " time " + std::to_string(info.st_mtim.tv_sec);
  if (!S_ISREG(info.st_mode)) return text;
  std::string bytes = readFile(path);
  return text + " size " + std::to_string(bytes.size()) + " hash " + std::to_string(std::hash<std::string>()(bytes));
}

std::vector<std::string> oddNames() {
  return {"with blanks", "quote\"and'quote", "new\nline",    "-leading",   "--delete", "$HOME `id`",
          "star*[a]?",   "back\\slash",      "\xff\xfe\x80", "\xc3\xa4\n", ".hidden",  std::string(200, 'n')};
}

}  // namespace

std::string randomBytes(size_t size, uint64_t seed) {
  std::string bytes(size, '\0');
  uint64_t state = seed * 0x9e3779b97f4a7c15 + 1;
  for (size_t at = 0; at < size; at += sizeof(state)) {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    memcpy(bytes.data() + at, &state, std::min(sizeof(state), size - at));
  }
  return bytes;
}

std::string writeFile(const std::string& path, const std::string& bytes, unsigned mode) {
  fs::create_directories(fs::path(path).parent_path());
  std::ofstream out(path, std::ios::binary | std::ios::trunc);
  out << bytes;
  out.close();
  if (!out || chmod(path.c_str(), mode) != 0) failErrno("write " + path);
  return path;
}

void setMtime(const std::string& path, int64_t seconds) {
  timespec times[2] = {{seconds, 0}, {seconds, 0}};
  if (utimensat(AT_FDCWD, path.c_str(), times, AT_SYMLINK_NOFOLLOW) != 0) failErrno("utimensat " + path);
}

unsigned modeOf(const std::string& path) { return statOf(path).st_mode & 07777; }
int64_t mtimeOf(const std::string& path) { return statOf(path).st_mtim.tv_sec; }
uint64_t inodeOf(const std::string& path) { return statOf(path).st_ino; }
bool isLink(const std::string& path) { return S_ISLNK(statOf(path).st_mode); }
bool exists(const std::string& path) { return statOf(path).st_mode != 0; }
bool holds(const std::string& path, const std::string& bytes) { return exists(path) && readFile(path) == bytes; }

uint64_t writtenOf(const std::string& path) {
  struct stat info = statOf(path);
  return static_cast<uint64_t>(std::min<off_t>(info.st_size, info.st_blocks * 512));
}

std::vector<std::string> namesIn(const std::string& folder) {
  std::vector<std::string> names;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder, error)) names.push_back(entry.path().filename());
  std::sort(names.begin(), names.end());
  return names;
}

std::vector<std::string> partsIn(const std::string& folder, const std::string& name) {
  std::vector<std::string> parts;
  for (const std::string& file : namesIn(folder)) {
    if (file.size() < kPartSuffix + 1 || !file.starts_with("." + name)) continue;
    if (file.substr(file.size() - kPartSuffix, 5) == ".cbs-") parts.push_back(folder + "/" + file);
  }
  return parts;
}

std::map<std::string, std::string> treeOf(const std::string& folder, TreeOptions options) {
  std::map<std::string, std::string> tree;
  if (!exists(folder)) return tree;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    std::string path = entry.path();
    tree[path.substr(folder.size() + 1)] = described(path, options);
  }
  return tree;
}

void makeOddTree(const std::string& folder) {
  size_t size = 0;
  for (const std::string& name : oddNames()) {
    writeFile(folder + "/" + name, randomBytes(size, size + 1), 0640);
    writeFile(folder + "/d" + name + "/" + name, name, 0604);
    size += 30'011;
  }
  writeFile(folder + "/run me", "#!/bin/sh\n", 0755);
  writeFile(folder + "/read only", "r", 0444);
  writeFile(folder + "/a/b/c/d/e/f/deep", "deep");
  fs::create_directories(folder + "/empty/also empty");
  fs::create_symlink("run me", folder + "/link to file");
  fs::create_symlink("a/b", folder + "/link to folder");
  fs::create_symlink("/nonexistent/\xff", folder + "/link to nowhere");
  // What is deepest comes first: a folder's time changes with what is made in it.
  std::vector<std::string> paths;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) paths.push_back(entry.path());
  std::sort(paths.rbegin(), paths.rend());
  int64_t time = kLongAgo;
  for (const std::string& path : paths) setMtime(path, ++time);
}

int64_t numberIn(const std::string& json, const std::string& field) {
  std::string key = "\"" + field + "\":";
  size_t at = json.find(key);
  if (at == std::string::npos) return -1;
  at += key.size();
  while (at < json.size() && (json[at] == '"' || json[at] == ' ')) ++at;
  return at < json.size() && isdigit(json[at]) ? std::stoll(json.substr(at, 19)) : -1;
}

}  // namespace cbs::test
