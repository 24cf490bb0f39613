// Files and folders that tests of transfers move, and what has become of them.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace cbs::test {

// Bytes that do not repeat, the same for the same seed.
std::string randomBytes(size_t size, uint64_t seed = 1);

// Creates or replaces a file, folders above it included, and returns its path.
std::string writeFile(const std::string& path, const std::string& bytes, unsigned mode = 0644);
void setMtime(const std::string& path, int64_t seconds);

// Of what is there itself, links not followed; 0 if nothing is.
unsigned modeOf(const std::string& path);
int64_t mtimeOf(const std::string& path);
uint64_t inodeOf(const std::string& path);
bool isLink(const std::string& path);
bool exists(const std::string& path);

// Sorted; none if it is no folder.
std::vector<std::string> namesIn(const std::string& folder);
// The paths of the parts that a transfer to `folder/name` has left; of any name if it is empty.
std::vector<std::string> partsIn(const std::string& folder, const std::string& name = "");
// Whether a file's content is this: a check of it prints neither when they are long.
bool holds(const std::string& path, const std::string& bytes);
// How many bytes of a file have been written, holes left out; 0 if there is none.
uint64_t writtenOf(const std::string& path);

// What is below a folder: a line of kind, mode, time and content for each path. Two that are equal are equal trees.
// Links have neither mode nor time.
struct TreeOptions {
  bool modes = true;
  bool times = true;
};
std::map<std::string, std::string> treeOf(const std::string& folder, TreeOptions options = {});

// Makes a tree with all that is hard about names, modes, times and links: `folder` is new.
void makeOddTree(const std::string& folder);

// The number that a field of JSON has, the first of that name; -1 if there is none.
int64_t numberIn(const std::string& json, const std::string& field);

}  // namespace cbs::test
