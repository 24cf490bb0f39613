// A folder with a file for each stream that a host prints to.
#pragma once

#include "common/error.h"

#include <kj/array.h>
#include <kj/io.h>

#include <string>
#include <string_view>

namespace cbs::cli {

class OutputFolder {
 public:
  // Makes the folder, and those above it, where they are missing. Errors, here and below: transferFailed, with the fact
  // `localPath`.
  static Expected<OutputFolder> open(const std::string& path);

  // What an earlier command has left of the host goes.
  Expected<void> clear(const std::string& target);
  // Makes the file if it is not there.
  Expected<void> append(const std::string& target, schema::OutputStream stream, kj::ArrayPtr<const kj::byte> bytes);

  // `web1.out`, `web1.err`. Each target has names of its own: `/`, `%`, control characters and a leading dot are
  // percent-encoded.
  static std::string fileName(std::string_view target, schema::OutputStream stream);

 private:
  OutputFolder(std::string path, kj::AutoCloseFd folder) : path_(std::move(path)), folder_(kj::mv(folder)) {}
  Error failure(const std::string& name, int error) const;

  std::string path_;
  kj::AutoCloseFd folder_;
};

}  // namespace cbs::cli
