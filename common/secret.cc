#include "common/secret.h"

#include <sys/mman.h>

#include <cstring>
#include <new>

namespace cbs {
namespace {

constexpr size_t kPage = 4096;

size_t pagesFor(size_t size) { return (size / kPage + 1) * kPage; }

}  // namespace

Secret::Secret(std::string_view bytes) : size_(bytes.size()) {
  void* pages = mmap(nullptr, pagesFor(size_), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (pages == MAP_FAILED) throw std::bad_alloc();
  mlock(pages, pagesFor(size_));  // where that is not allowed, it is as safe as anything else
  madvise(pages, pagesFor(size_), MADV_DONTDUMP);
  data_ = static_cast<char*>(pages);
  std::memcpy(data_, bytes.data(), size_);
}

Secret::~Secret() {
  wipe(view());
  munmap(data_, pagesFor(size_));
}

void wipe(std::string_view bytes) { explicit_bzero(const_cast<char*>(bytes.data()), bytes.size()); }

}  // namespace cbs
