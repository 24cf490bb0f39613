/* Two channels of one session write at once while the server asks for new keys again and again.
 *
 *   rekey_stall PORT USER KEY [MEBIBYTES]
 *
 * Each channel feeds `wc -c`. A small send buffer makes the kernel take packets in part, so that key exchanges begin while
 * a packet of either channel, or of the key exchange itself, is half sent. Calls are repeated with the same arguments
 * until they end, as libssh2 asks. Exits 0 when all bytes arrived, 1 when nothing moved for five seconds. */
#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include <libssh2.h>

enum { kChannels = 2, kChunk = 64 * 1024, kDeadline = 5 };

struct stream {
  LIBSSH2_CHANNEL* channel;
  char chunk[kChunk];
  size_t at;        /* sent of the chunk */
  long long left;   /* bytes not yet accepted by libssh2 */
  char answer[32];  /* what wc -c printed */
  size_t answered;
};

static void die(const char* what) {
  fprintf(stderr, "rekey_stall: %s\n", what);
  exit(2);
}

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec + t.tv_nsec / 1e9;
}

static int dial(int port) {
  int fd = socket(AF_INET, SOCK_STREAM, 0), size = 4096;
  struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(port)};
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
  if (connect(fd, (struct sockaddr*)&to, sizeof to)) die("connect failed");
  return fd;
}

/* Waits for what libssh2 says that it waits for. */
static void await(LIBSSH2_SESSION* session, int fd) {
  int directions = libssh2_session_block_directions(session);
  struct pollfd p = {.fd = fd};
  if (directions & LIBSSH2_SESSION_BLOCK_INBOUND) p.events |= POLLIN;
  if (directions & LIBSSH2_SESSION_BLOCK_OUTBOUND) p.events |= POLLOUT;
  poll(&p, 1, 100);
}

static void offer(struct stream* s, int* moved) {
  size_t length = s->left < kChunk - (long long)s->at ? (size_t)s->left : kChunk - s->at;
  ssize_t n;
  if (!length) return;
  n = libssh2_channel_write(s->channel, s->chunk + s->at, length);
  if (n == LIBSSH2_ERROR_EAGAIN) return;
  if (n < 0) die("write failed");
  s->left -= n;
  s->at = (s->at + n) % kChunk;
  *moved = 1;
}

static void finish(LIBSSH2_SESSION* session, int fd, struct stream* s) {
  double last = now();
  while (libssh2_channel_send_eof(s->channel) == LIBSSH2_ERROR_EAGAIN) {
    if (now() - last > kDeadline) die("no end-of-file accepted");
    await(session, fd);
  }
  while (!libssh2_channel_eof(s->channel)) {
    ssize_t n = libssh2_channel_read(s->channel, s->answer + s->answered, sizeof s->answer - 1 - s->answered);
    if (n > 0) s->answered += n;
    if (n == LIBSSH2_ERROR_EAGAIN) await(session, fd);
    if (now() - last > kDeadline) die("no answer");
  }
}

int main(int argc, char** argv) {
  static struct stream streams[kChannels];
  long long total;
  double last;
  LIBSSH2_SESSION* session;
  int fd, i;

  if (argc < 4) die("usage: rekey_stall PORT USER KEY [MEBIBYTES]");
  total = (argc > 4 ? atoll(argv[4]) : 16) << 20;
  fd = dial(atoi(argv[1]));
  libssh2_init(0);
  session = libssh2_session_init();
  if (libssh2_session_handshake(session, fd)) die("handshake failed");
  if (libssh2_userauth_publickey_fromfile(session, argv[2], NULL, argv[3], NULL)) die("login refused");
  for (i = 0; i < kChannels; i++) {
    streams[i].channel = libssh2_channel_open_session(session);
    if (!streams[i].channel || libssh2_channel_exec(streams[i].channel, "wc -c")) die("cannot start wc");
    streams[i].left = total;
    memset(streams[i].chunk, 'a' + i, kChunk);
  }
  libssh2_session_set_blocking(session, 0);

  last = now();
  for (;;) {
    int moved = 0, busy = 0;
    for (i = 0; i < kChannels; i++) {
      offer(&streams[i], &moved);
      busy |= streams[i].left > 0;
    }
    if (!busy) break;
    if (moved) {
      last = now();
    } else if (now() - last > kDeadline) {
      printf("stalled: %lld and %lld of %lld bytes left, waits for %s%s\n", streams[0].left, streams[1].left, total,
             libssh2_session_block_directions(session) & LIBSSH2_SESSION_BLOCK_INBOUND ? "in " : "",
             libssh2_session_block_directions(session) & LIBSSH2_SESSION_BLOCK_OUTBOUND ? "out" : "");
      return 1;
    } else {
      await(session, fd);
    }
  }
  for (i = 0; i < kChannels; i++) finish(session, fd, &streams[i]);
  for (i = 0; i < kChannels; i++) {
    if (atoll(streams[i].answer) != total) {
      printf("channel %d: %lld bytes sent, %s arrived\n", i, total, streams[i].answer);
      return 1;
    }
  }
  printf("passed: %d x %lld bytes\n", kChannels, total);
  return 0;
}
