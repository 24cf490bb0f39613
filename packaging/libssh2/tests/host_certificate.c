/* Asks a server that has host certificates for each kind of them, and for none.
 *
 *   host_certificate PORT USER KEY
 *
 * Exits 0 when the handshake gives the certificate that was asked for, and a plain key when none was. */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <libssh2.h>

static const char suffix[] = "-cert-v01@openssh.com";

static int dial(int port) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
  int fd = socket(AF_INET, SOCK_STREAM, 0);
  inet_pton(AF_INET, "127.0.0.1", &address.sin_addr);
  if (connect(fd, (struct sockaddr*)&address, sizeof(address))) {
    perror("host_certificate: connect");
    exit(2);
  }
  return fd;
}

/* A host key begins with its type (RFC 4253, 6.6). */
static int isCertificate(const char* key, size_t length) {
  size_t type = length < 4 ? 0 : (unsigned char)key[3];
  size_t end = sizeof(suffix) - 1;
  return type > end && length > 4 + type && !memcmp(key + 4 + type - end, suffix, end);
}

/* Gives 1 for a certificate, 0 for a plain key, -1 if the handshake failed. */
static int handshake(int port, const char* method) {
  LIBSSH2_SESSION* session = libssh2_session_init();
  int fd = dial(port), result = -1;
  size_t length = 0;
  if (!method || !libssh2_session_method_pref(session, LIBSSH2_METHOD_HOSTKEY, method)) {
    if (!libssh2_session_handshake(session, fd)) {
      const char* key = libssh2_session_hostkey(session, &length, NULL);
      result = isCertificate(key, length);
    }
  }
  libssh2_session_free(session);
  close(fd);
  return result;
}

int main(int argc, char** argv) {
  static const char* const types[] = {"ssh-ed25519",         "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384",
                                      "ecdsa-sha2-nistp521", "rsa-sha2-512",        "rsa-sha2-256"};
  int port = argc > 1 ? atoi(argv[1]) : 0, failed = 0;
  libssh2_init(0);
  for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++) {
    char method[64];
    snprintf(method, sizeof(method), "%s%s", types[i], suffix);
    if (handshake(port, method) != 1) {
      printf("no %s; ", method);
      failed = 1;
    }
  }
  int plain = handshake(port, NULL);
  printf("%s\n", plain == 1 ? "a certificate that nobody asked for" : plain ? "no plain key" : "ok");
  return failed || plain;
}
