#include "agentd/ssh/heap.h"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <cstring>

namespace cbs::ssh {
namespace {

// Smaller than LIBSSH2_SESSION, larger than any packet (35,000 bytes): packets come and go too often for a system call
// each.
constexpr std::size_t kLarge = 64 * 1024;

std::size_t pageSize() {
  static const auto size = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
  return size;
}

std::size_t roundUpToPage(std::size_t size) { return (size + pageSize() - 1) / pageSize() * pageSize(); }

}  // namespace

// Stands before each block; its size keeps the block aligned for every type.
struct alignas(std::max_align_t) SessionHeap::Header {
  Header* previous;
  Header* next;
  std::size_t size;    // of the block
  std::size_t mapped;  // bytes mapped for header and block; 0 if they came from malloc
  void* block() { return this + 1; }
  static Header* of(void* block) { return static_cast<Header*>(block) - 1; }
};

SessionHeap::SessionHeap() : blocks_(new Header{nullptr, nullptr, 0, 0}) {
  blocks_->previous = blocks_->next = blocks_;
}

SessionHeap::~SessionHeap() {
  while (blocks_->next != blocks_) release(blocks_->next->block());
  delete blocks_;
}

SessionHeap::Header* SessionHeap::adopt(Header* header, std::size_t size, std::size_t mapped) {
  *header = {blocks_, blocks_->next, size, mapped};
  blocks_->next->previous = header;
  blocks_->next = header;
  return header;
}

void* SessionHeap::allocate(std::size_t size) {
  if (size > SIZE_MAX / 2) return nullptr;
  std::size_t total = sizeof(Header) + size;
  if (size < kLarge) {
    void* memory = std::malloc(total);
    return memory == nullptr ? nullptr : adopt(static_cast<Header*>(memory), size, 0)->block();
  }
  total = roundUpToPage(total);
  void* pages = mmap(nullptr, total, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  return pages == MAP_FAILED ? nullptr : adopt(static_cast<Header*>(pages), size, total)->block();
}

void* SessionHeap::resize(void* block, std::size_t size) {
  void* larger = allocate(size);
  if (larger == nullptr || block == nullptr) return larger;
  std::memcpy(larger, block, std::min(size, Header::of(block)->size));
  release(block);
  return larger;
}

void SessionHeap::release(void* block) {
  if (block == nullptr) return;
  Header* header = Header::of(block);
  header->previous->next = header->next;
  header->next->previous = header->previous;
  if (header->mapped == 0) {
    std::free(header);
  } else {
    munmap(header, header->mapped);
  }
}

std::size_t SessionHeap::returnFrom(void* block, void* part) {
  Header* header = Header::of(block);
  auto begin = roundUpToPage(reinterpret_cast<std::uintptr_t>(part));
  auto end = reinterpret_cast<std::uintptr_t>(header) + header->mapped;
  if (begin >= end) return 0;
  madvise(reinterpret_cast<void*>(begin), end - begin, MADV_DONTNEED);
  return end - begin;
}

}  // namespace cbs::ssh
