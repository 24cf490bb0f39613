/* A channel is closed while its write is half sent, and another channel of the session goes on.
 *
 *   abandoned_write PORT USER KEY
 *
 * That is what a cancelled command looks like. Exits 0 when the other channel's command still ends. */
#include <arpa/inet.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>

#include <libssh2.h>

enum { kRounds = 20, kDeadline = 5 };

static void die(const char* what) {
  printf("%s\n", what);
  exit(1);
}

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec + t.tv_nsec / 1e9;
}

static double started;

/* Waits for what libssh2 says that it waits for. */
static void await(LIBSSH2_SESSION* session, int fd, const char* what) {
  int directions = libssh2_session_block_directions(session);
  struct pollfd p = {.fd = fd};
  if (now() - started > kDeadline) die(what);
  if (directions & LIBSSH2_SESSION_BLOCK_INBOUND) p.events |= POLLIN;
  if (directions & LIBSSH2_SESSION_BLOCK_OUTBOUND) p.events |= POLLOUT;
  poll(&p, 1, 100);
}

static LIBSSH2_CHANNEL* start(LIBSSH2_SESSION* session, int fd, const char* command) {
  LIBSSH2_CHANNEL* channel;
  while (!(channel = libssh2_channel_open_session(session))) {
    if (libssh2_session_last_errno(session) != LIBSSH2_ERROR_EAGAIN) die("no channel");
    await(session, fd, "stalled: a channel does not open");
  }
  while (libssh2_channel_exec(channel, command) == LIBSSH2_ERROR_EAGAIN) await(session, fd, "stalled: exec");
  return channel;
}

int main(int argc, char** argv) {
  static char chunk[64 * 1024];
  struct sockaddr_in to = {.sin_family = AF_INET};
  int fd = socket(AF_INET, SOCK_STREAM, 0), size = 4096, round, next;
  LIBSSH2_SESSION* session;

  if (argc < 4) die("usage: abandoned_write PORT USER KEY");
  setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
  to.sin_port = htons(atoi(argv[1]));
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (connect(fd, (struct sockaddr*)&to, sizeof to)) die("connect failed");
  libssh2_init(0);
  session = libssh2_session_init();
  if (libssh2_session_handshake(session, fd)) die("handshake failed");
  if (libssh2_userauth_publickey_fromfile(session, argv[2], NULL, argv[3], NULL)) die("login refused");
  libssh2_session_set_blocking(session, 0);
  libssh2_keepalive_config(session, 1, 2);

  for (round = 0; round < kRounds; round++) {
    LIBSSH2_CHANNEL *abandoned, *other;
    char answer[64];
    ssize_t n;
    started = now();
    abandoned = start(session, fd, "cat >/dev/null");
    while (libssh2_channel_write(abandoned, chunk, sizeof chunk) > 0) {
    }
    libssh2_keepalive_send(session, &next);
    while (libssh2_channel_free(abandoned) == LIBSSH2_ERROR_EAGAIN) {
      await(session, fd, "stalled: the abandoned channel cannot be freed");
    }
    other = start(session, fd, "echo alive");
    while ((n = libssh2_channel_read(other, answer, sizeof answer)) == LIBSSH2_ERROR_EAGAIN) {
      await(session, fd, "stalled: the other channel gets no answer");
    }
    if (n != 6) die("the other channel got a wrong answer");
    while (libssh2_channel_free(other) == LIBSSH2_ERROR_EAGAIN) await(session, fd, "stalled: free");
  }
  printf("passed: %d rounds\n", kRounds);
  return 0;
}
