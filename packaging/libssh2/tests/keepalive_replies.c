/* Sends keepalives that ask for a reply and looks at what stays in the session's memory.
 *
 *   keepalive_replies PORT USER KEY
 *
 * A port forwarding is asked for in between: its reply has the same type and must still reach its caller. Exits 0 when the
 * replies leave nothing behind. */
#include <arpa/inet.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>

#include <libssh2.h>

enum { kKeepalives = 200 };

/* libssh2 reads its clock here, as this definition is found before the C library's. Only ping() turns it. */
static time_t theTime = 1000000;

time_t time(time_t* t) {
  if (t) *t = theTime;
  return theTime;
}

static long blocks;

static void* take(size_t size, void** unused) {
  (void)unused;
  blocks++;
  return malloc(size);
}
static void* retake(void* old, size_t size, void** unused) {
  (void)unused;
  if (!old) blocks++;
  return realloc(old, size);
}
static void give(void* old, void** unused) {
  (void)unused;
  if (old) blocks--;
  free(old);
}

static void die(const char* what) {
  fprintf(stderr, "keepalive_replies: %s\n", what);
  exit(2);
}

/* Takes in whatever the server sends until it is silent for a while. */
static void takeIn(LIBSSH2_CHANNEL* channel, int fd) {
  struct pollfd p = {.fd = fd, .events = POLLIN};
  char byte;
  do {
    while (libssh2_channel_read(channel, &byte, 1) > 0) {
    }
  } while (poll(&p, 1, 300) > 0);
}

static void ping(LIBSSH2_SESSION* session, int times) {
  int next;
  while (times-- > 0) {
    theTime += 10;
    if (libssh2_keepalive_send(session, &next)) die("keepalive refused");
  }
}

int main(int argc, char** argv) {
  struct sockaddr_in to = {.sin_family = AF_INET};
  int fd = socket(AF_INET, SOCK_STREAM, 0), port = 0;
  long before, left;
  LIBSSH2_SESSION* session;
  LIBSSH2_CHANNEL* channel;
  LIBSSH2_LISTENER* listener;

  if (argc < 4) die("usage: keepalive_replies PORT USER KEY");
  to.sin_port = htons(atoi(argv[1]));
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (connect(fd, (struct sockaddr*)&to, sizeof to)) die("connect failed");
  libssh2_init(0);
  session = libssh2_session_init_ex(take, give, retake, NULL);
  if (libssh2_session_handshake(session, fd)) die("handshake failed");
  if (libssh2_userauth_publickey_fromfile(session, argv[2], NULL, argv[3], NULL)) die("login refused");
  channel = libssh2_channel_open_session(session);
  if (!channel || libssh2_channel_exec(channel, "cat")) die("cannot start cat");
  libssh2_session_set_blocking(session, 0);
  takeIn(channel, fd);

  libssh2_keepalive_config(session, 1, 2);
  before = blocks;
  ping(session, kKeepalives / 2);

  libssh2_session_set_blocking(session, 1);
  listener = libssh2_channel_forward_listen_ex(session, "127.0.0.1", 0, &port, 1);
  if (!listener || !port) die("forwarding was refused, or its reply was mistaken for a keepalive's");
  if (libssh2_channel_forward_cancel(listener)) die("forwarding could not be cancelled");
  libssh2_session_set_blocking(session, 0);

  ping(session, kKeepalives / 2);
  takeIn(channel, fd);
  left = blocks - before;
  printf("%d keepalives, %ld blocks left\n", kKeepalives, left);
  return left == 0 ? 0 : 1;
}
