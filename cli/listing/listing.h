// What a host has told of its files.
#pragma once

#include "common/error.h"
#include "schema/transfer.capnp.h"

#include <cstdint>
#include <string>
#include <vector>

namespace cbs::cli {

struct ListedFile {
  std::string name;
  schema::FileKind kind = schema::FileKind::FILE;
  uint64_t size = 0;
  uint32_t mode = 0;  // permission bits, 07777
  int64_t mtimeS = 0;
  std::string target = "";  // of a link
  uint32_t uid = 0, gid = 0;
  std::string owner = "", group = "";  // "": the server does not say
};

struct ListedFolder {
  std::string path;  // as the daemon names it
  std::vector<ListedFile> files = {};
};

struct ListedFailure {
  std::string path;
  Error error;
};

// Of one host.
struct Listing {
  std::string host;                         // the TARGET
  std::vector<ListedFile> themselves = {};  // paths that are listed as what they are
  std::vector<ListedFolder> folders = {};   // in the order in which they came
  std::vector<ListedFailure> failures = {};
  Error error = {ErrorKind::NONE, Reason::UNSPECIFIED, ""};  // why it ended early

  // Takes a part of what is in the folder `path`, or if that is empty paths that are listed themselves.
  void add(std::string path, capnp::List<schema::ListedFile>::Reader files);
  // Leaves out what begins with a dot, but for paths that are listed themselves.
  void dropHidden();
  // By name, as bytes; what was told twice is there once.
  void sort();
};

}  // namespace cbs::cli
