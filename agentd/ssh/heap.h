// Memory for one libssh2 session, most of which an idle session does not need.
//
// libssh2 1.11.1 puts two packet buffers of 70,000 bytes in all into LIBSSH2_SESSION and zeroes them, so that an idle
// session keeps about 84 KiB resident. This heap gives such a large block pages of its own, which can be handed back to
// the kernel as long as nothing is kept in them. With the buffers at its end, and not touched before they are used
// (packaging/libssh2, patch 0007), one page of an idle session stays, of twenty.
//
// What libssh2 forgets to free (it leaks some 200 bytes with each new key exchange) goes with the heap.
#pragma once

#include <cstddef>

namespace cbs::ssh {

class SessionHeap {
 public:
  SessionHeap();
  ~SessionHeap();
  SessionHeap(const SessionHeap&) = delete;
  SessionHeap& operator=(const SessionHeap&) = delete;

  // As malloc, realloc and free.
  void* allocate(std::size_t size);
  void* resize(void* block, std::size_t size);
  void release(void* block);

  // Hands the pages back from `part` on, which is within a large `block`, to its end; what is in them is lost. Costs
  // about a microsecond. Gives the number of bytes handed back.
  static std::size_t returnFrom(void* block, void* part);

 private:
  struct Header;
  Header* adopt(Header* header, std::size_t size, std::size_t mapped);

  Header* blocks_;  // a ring through all blocks, with this one, which is none of them, as its start
};

}  // namespace cbs::ssh
