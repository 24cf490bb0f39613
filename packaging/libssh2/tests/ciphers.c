/* Sends bytes of many lengths through `cat` and compares what comes back, with every cipher and MAC there is.
 *
 *   ciphers PORT USER KEY
 *   ciphers PORT USER KEY CIPHER MAC MEBIBYTES    also tells what so much data costs, up and down
 *
 * Exits 0 when every byte came back as it was sent. */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>

#include <libssh2.h>

static const char* const kCiphers[] = {
    "aes128-gcm@openssh.com", "aes256-gcm@openssh.com", "chacha20-poly1305@openssh.com",
    "aes128-ctr", "aes192-ctr", "aes256-ctr", "aes128-cbc", "aes256-cbc", "3des-cbc", NULL};
static const char* const kMacs[] = {
    "hmac-sha2-256", "hmac-sha2-256-etm@openssh.com", "hmac-sha2-512", "hmac-sha2-512-etm@openssh.com",
    "hmac-sha1", "hmac-sha1-etm@openssh.com", NULL};
static const size_t kLengths[] = {1, 2, 10, 11, 12, 13, 15, 16, 17, 31, 32, 33, 100, 1000, 4095, 4096, 32767, 32768, 100000};
enum { kMost = 100000, kChunk = 256 * 1024 };

static void die(const char* what) {
  printf("%s\n", what);
  exit(1);
}

static LIBSSH2_SESSION* login(char** argv, const char* cipher, const char* mac, int buffer) {
  struct sockaddr_in to = {.sin_family = AF_INET};
  int fd = socket(AF_INET, SOCK_STREAM, 0);
  LIBSSH2_SESSION* session = libssh2_session_init();
  /* With a small buffer, packets arrive and leave in parts. */
  if (buffer) setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &buffer, sizeof buffer);
  if (buffer) setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &buffer, sizeof buffer);
  to.sin_port = htons(atoi(argv[1]));
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (connect(fd, (struct sockaddr*)&to, sizeof to)) die("connect failed");
  if (libssh2_session_method_pref(session, LIBSSH2_METHOD_CRYPT_CS, cipher) ||
      libssh2_session_method_pref(session, LIBSSH2_METHOD_CRYPT_SC, cipher) ||
      libssh2_session_method_pref(session, LIBSSH2_METHOD_MAC_CS, mac) ||
      libssh2_session_method_pref(session, LIBSSH2_METHOD_MAC_SC, mac)) {
    return NULL;
  }
  if (libssh2_session_handshake(session, fd)) return NULL;
  if (libssh2_userauth_publickey_fromfile(session, argv[2], NULL, argv[3], NULL)) die("login refused");
  return session;
}

static LIBSSH2_CHANNEL* start(LIBSSH2_SESSION* session, const char* command) {
  LIBSSH2_CHANNEL* channel = libssh2_channel_open_session(session);
  if (!channel || libssh2_channel_exec(channel, command)) die("cannot start the command");
  return channel;
}

static void sendAll(LIBSSH2_CHANNEL* channel, const char* bytes, size_t length) {
  while (length) {
    ssize_t n = libssh2_channel_write(channel, bytes, length);
    if (n < 0) die("write failed");
    bytes += n;
    length -= (size_t)n;
  }
}

static int comesBack(LIBSSH2_SESSION* session) {
  static char sent[kMost], received[kMost];
  LIBSSH2_CHANNEL* channel = start(session, "cat");
  size_t i, k;
  for (i = 0; i < sizeof kLengths / sizeof *kLengths; i++) {
    size_t length = kLengths[i], have = 0;
    for (k = 0; k < length; k++) sent[k] = (char)rand();
    sendAll(channel, sent, length);
    while (have < length) {
      ssize_t n = libssh2_channel_read(channel, received + have, length - have);
      if (n <= 0) return 0;
      have += (size_t)n;
    }
    if (memcmp(sent, received, length)) return 0;
  }
  return 1;
}

static double cpu(void) {
  struct rusage used;
  getrusage(RUSAGE_SELF, &used);
  return used.ru_utime.tv_sec + used.ru_stime.tv_sec + (used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
}

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec + t.tv_nsec / 1e9;
}

static void measure(LIBSSH2_SESSION* session, long mebibytes) {
  static char chunk[kChunk];
  char command[64];
  long long left;
  double cpuBefore = cpu(), before = now();
  LIBSSH2_CHANNEL* channel = start(session, "cat >/dev/null");
  for (left = (long long)mebibytes << 20; left > 0; left -= kChunk) sendAll(channel, chunk, kChunk);
  libssh2_channel_send_eof(channel);
  libssh2_channel_wait_eof(channel);
  printf("up %.2f s CPU, %.0f MiB/s; ", cpu() - cpuBefore, mebibytes / (now() - before));

  cpuBefore = cpu(), before = now();
  snprintf(command, sizeof command, "head -c %ldM /dev/zero", mebibytes);
  channel = start(session, command);
  for (left = (long long)mebibytes << 20; left > 0;) {
    ssize_t n = libssh2_channel_read(channel, chunk, kChunk);
    if (n <= 0) die("read failed");
    left -= n;
  }
  printf("down %.2f s CPU, %.0f MiB/s\n", cpu() - cpuBefore, mebibytes / (now() - before));
}

int main(int argc, char** argv) {
  int c, m, buffer, tried = 0, failed = 0;
  if (argc < 4) die("usage: ciphers PORT USER KEY [CIPHER MAC MEBIBYTES]");
  libssh2_init(0);
  if (argc == 7) {
    LIBSSH2_SESSION* session = login(argv, argv[4], argv[5], 0);
    if (!session) die("the server and libssh2 have no such cipher and MAC in common");
    measure(session, atol(argv[6]));
    return 0;
  }
  for (buffer = 0; buffer <= 4096; buffer += 4096) {
    for (c = 0; kCiphers[c]; c++) {
      for (m = 0; kMacs[m]; m++) {
        LIBSSH2_SESSION* session;
        if (m > 0 && (strstr(kCiphers[c], "gcm") || strstr(kCiphers[c], "poly"))) continue;
        session = login(argv, kCiphers[c], kMacs[m], buffer);
        tried++;
        if (!session || !comesBack(session)) {
          printf("%s with %s, buffer %d: %s; ", kCiphers[c], kMacs[m], buffer, session ? "bytes differ" : "no handshake");
          failed++;
        }
        if (session) libssh2_session_disconnect(session, "done");
        if (session) libssh2_session_free(session);
      }
    }
  }
  printf("%d combinations, %d failed\n", tried, failed);
  return failed ? 1 : 0;
}
