/* Starts two commands on one connection at once, and lets the second read the reply to the first.
 *
 *   replies_of_others PORT USER KEY
 *
 * The replies come in the order of the requests, so whoever asks second sees a reply of the right type for the wrong
 * channel first. Exits 0 when both commands start. */
#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

#include <libssh2.h>

static void die(const char* what) {
  fprintf(stderr, "replies_of_others: %s\n", what);
  exit(2);
}

/* While this is set, nothing arrives. */
static int hold;

static ssize_t receive(libssh2_socket_t fd, void* buffer, size_t length, int flags, void** unused) {
  ssize_t n;
  (void)unused;
  if (hold) return -EAGAIN;
  n = recv(fd, buffer, length, flags);
  return n < 0 ? -errno : n;
}

static void await(int fd) {
  struct pollfd p = {.fd = fd, .events = POLLIN};
  if (poll(&p, 1, 10000) <= 0) die("the server is silent");
}

int main(int argc, char** argv) {
  struct sockaddr_in to = {.sin_family = AF_INET};
  int fd = socket(AF_INET, SOCK_STREAM, 0), first, second;
  LIBSSH2_SESSION* session;
  LIBSSH2_CHANNEL *one, *other;
  char* message;

  if (argc < 4) die("usage: replies_of_others PORT USER KEY");
  to.sin_port = htons(atoi(argv[1]));
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (connect(fd, (struct sockaddr*)&to, sizeof to)) die("connect failed");
  libssh2_init(0);
  session = libssh2_session_init();
  if (libssh2_session_handshake(session, fd)) die("handshake failed");
  if (libssh2_userauth_publickey_fromfile(session, argv[2], NULL, argv[3], NULL)) die("login refused");
  one = libssh2_channel_open_session(session);
  other = libssh2_channel_open_session(session);
  if (!one || !other) die("no channels");

  libssh2_session_set_blocking(session, 0);
  libssh2_session_callback_set2(session, LIBSSH2_CALLBACK_RECV, (libssh2_cb_generic*)receive);
  hold = 1;
  first = libssh2_channel_exec(one, "true");
  hold = 0;
  if (first != LIBSSH2_ERROR_EAGAIN) die("the first command was answered before anything arrived");
  while ((second = libssh2_channel_exec(other, "true")) == LIBSSH2_ERROR_EAGAIN) await(fd);
  libssh2_session_last_error(session, &message, NULL, 0);
  if (second) {
    printf("the second command failed: %s (%d)\n", message, second);
    return 1;
  }
  while ((first = libssh2_channel_exec(one, "true")) == LIBSSH2_ERROR_EAGAIN) await(fd);
  printf("both commands start: %d, %d\n", first, second);
  return first == 0 ? 0 : 1;
}
