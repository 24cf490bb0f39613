#include "cli/fanout/output_folder.h"

#include "cli/transfer/local_error.h"
#include "common/entry_path.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

namespace cbs::cli {
namespace {

constexpr mode_t kFolderMode = 0777;  // less the umask, as mkdir -p
constexpr mode_t kFileMode = 0666;

bool isEncoded(char byte, bool first) {
  auto code = static_cast<unsigned char>(byte);
  return code < 0x20 || code == 0x7f || byte == '/' || byte == '%' || (first && byte == '.');
}

// Gives 0 or errno. What is there already is no error.
int makeFolders(const std::string& path) {
  for (size_t slash = path.find('/', 1); slash != path.npos; slash = path.find('/', slash + 1)) {
    mkdir(path.substr(0, slash).c_str(), kFolderMode);  // the last one tells
  }
  return mkdir(path.c_str(), kFolderMode) == 0 || errno == EEXIST ? 0 : errno;
}

bool writeTo(int file, kj::ArrayPtr<const kj::byte> bytes) {
  while (bytes.size() > 0) {
    ssize_t length = write(file, bytes.begin(), bytes.size());
    if (length < 0 && errno != EINTR) return false;
    if (length > 0) bytes = bytes.slice(static_cast<size_t>(length), bytes.size());
  }
  return true;
}

}  // namespace

Expected<OutputFolder> OutputFolder::open(const std::string& path) {
  if (int error = makeFolders(path); error != 0) return fail(localError(path, error));
  kj::AutoCloseFd folder(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (folder == nullptr) return fail(localError(path, errno));
  if (faccessat(folder, ".", W_OK | X_OK, AT_EACCESS) < 0) return fail(localError(path, errno));
  return OutputFolder(path, kj::mv(folder));
}

std::string OutputFolder::fileName(std::string_view target, schema::OutputStream stream) {
  constexpr const char* kDigits = "0123456789ABCDEF";
  std::string name;
  for (char byte : target) {
    if (isEncoded(byte, name.empty())) {
      auto code = static_cast<unsigned char>(byte);
      name.append(1, '%').append(1, kDigits[code >> 4]).append(1, kDigits[code & 15]);
    } else {
      name += byte;
    }
  }
  return name + (stream == schema::OutputStream::STDOUT ? ".out" : ".err");
}

Expected<void> OutputFolder::clear(const std::string& target) {
  for (auto stream : {schema::OutputStream::STDOUT, schema::OutputStream::STDERR}) {
    auto name = fileName(target, stream);
    if (unlinkat(folder_, name.c_str(), 0) < 0 && errno != ENOENT) return fail(failure(name, errno));
  }
  return {};
}

// A thousand hosts would need more descriptors than there are, so it is opened each time.
Expected<void> OutputFolder::append(const std::string& target, schema::OutputStream stream,
                                    kj::ArrayPtr<const kj::byte> bytes) {
  auto name = fileName(target, stream);
  int flags = O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC;
  kj::AutoCloseFd file(openat(folder_, name.c_str(), flags, kFileMode));
  if (file == nullptr || !writeTo(file, bytes)) return fail(failure(name, errno));
  return {};
}

Error OutputFolder::failure(const std::string& name, int error) const {
  return localError(joinPath(path_, name), error);
}

}  // namespace cbs::cli
