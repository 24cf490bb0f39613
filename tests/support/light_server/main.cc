// A light SSH server: one process for thousands of connections, so that a measurement sees the client.
//
//   light_server HOST_KEY AUTHORIZED_KEY [ADDRESS] [PORT] [PROCESSES]
//
// HOST_KEY is a private ed25519 key file (ssh-keygen -t ed25519), AUTHORIZED_KEY the public key file that is let in,
// for any user. It listens on ADDRESS (127.0.0.1; 0.0.0.0 is every loopback address) and PORT (0: a free one), says
// `listening on PORT` on stdout, and knows the commands of commands.h. It runs until it is killed. PROCESSES (1) share
// the connections; those beside the first one end with it.
#include "tests/support/light_server/connection.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <unordered_map>
#include <vector>

namespace cbs::light {
namespace {

[[noreturn]] void die(const std::string& what) {
  fprintf(stderr, "light_server: %s\n", what.c_str());
  exit(1);
}

[[noreturn]] void dieErrno(const std::string& what) { die(what + ": " + strerror(errno)); }

sockaddr_in socketAddress(const char* address, const char* port) {
  sockaddr_in where{};
  where.sin_family = AF_INET;
  where.sin_port = htons(static_cast<uint16_t>(atoi(port)));
  if (inet_pton(AF_INET, address, &where.sin_addr) != 1) die(std::string("not an IPv4 address: ") + address);
  return where;
}

// Puts the port that was chosen into `where` if it has none. Others of our own may listen there, too, if it is
// `shared`.
int listenAt(sockaddr_in& where, bool shared) {
  int on = 1;
  int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  if (shared) setsockopt(listener, SOL_SOCKET, SO_REUSEPORT, &on, sizeof(on));
  if (bind(listener, reinterpret_cast<sockaddr*>(&where), sizeof(where)) != 0) dieErrno("bind");
  if (listen(listener, SOMAXCONN) != 0) dieErrno("listen");
  socklen_t size = sizeof(where);
  getsockname(listener, reinterpret_cast<sockaddr*>(&where), &size);
  return listener;
}

// A listener each, on one port: the kernel deals new connections out evenly, which processes that share a listener
// would not do. All of them listen before anybody is told the port.
std::vector<int> listenTogether(sockaddr_in where, int processes) {
  std::vector<int> listeners;
  listeners.reserve(static_cast<size_t>(processes));
  for (int process = 0; process < processes; ++process) listeners.push_back(listenAt(where, processes > 1));
  printf("listening on %d\n", ntohs(where.sin_port));
  fflush(stdout);
  return listeners;
}

// Makes a process for each listener but the first, and gives each process its own.
int share(const std::vector<int>& listeners) {
  pid_t first = getpid();
  size_t mine = 0;
  for (size_t process = 1; process < listeners.size() && mine == 0; ++process) {
    pid_t child = fork();
    if (child < 0) dieErrno("fork");
    if (child == 0) mine = process;
  }
  if (mine != 0) prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (mine != 0 && getppid() != first) exit(1);  // it ended before it was asked to take us with it
  for (size_t process = 0; process < listeners.size(); ++process) {
    if (process != mine) close(listeners[process]);
  }
  return listeners[mine];
}

void allowManyDescriptors() {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

class Server {
 public:
  Server(const char* hostKeyFile, const char* userKeyFile, int listener) : listener_(listener) {
    bool processConfig = false;  // the machine's own /etc/ssh/libssh_server_config is not for us
    ssh_bind_options_set(bind_, SSH_BIND_OPTIONS_PROCESS_CONFIG, &processConfig);
    if (ssh_bind_options_set(bind_, SSH_BIND_OPTIONS_HOSTKEY, hostKeyFile) != 0) die("no host key");
    if (ssh_pki_import_pubkey_file(userKeyFile, &userKey_) != SSH_OK)
      die("no authorized key in " + std::string(userKeyFile));
    watch(EPOLL_CTL_ADD, listener_, EPOLLIN);
  }

  [[noreturn]] void run() {
    epoll_event events[256];
    for (;;) {
      int count = epoll_wait(epoll_, events, 256, alarms_.millisecondsToNext());
      if (count < 0 && errno != EINTR) dieErrno("epoll_wait");
      for (int socket : alarms_.takeDue()) serve(socket);
      for (int index = 0; index < count; ++index) serve(events[index].data.fd);
    }
  }

 private:
  struct Client {
    std::unique_ptr<Connection> connection;
    bool writing = false;
  };

  void watch(int operation, int fd, uint32_t events) {
    epoll_event event{events, {.fd = fd}};
    if (epoll_ctl(epoll_, operation, fd, &event) != 0) dieErrno("epoll_ctl");
  }

  void serve(int fd) {
    if (fd == listener_) return acceptAll();
    auto found = clients_.find(fd);
    if (found == clients_.end()) return;
    Client& client = found->second;
    if (!client.connection->serve()) {
      // The socket is closed with the connection, and leaves epoll by that.
      clients_.erase(found);
    } else if (client.connection->wantsToWrite() != client.writing) {
      client.writing = !client.writing;
      watch(EPOLL_CTL_MOD, fd, client.writing ? EPOLLIN | EPOLLOUT : EPOLLIN);
    }
  }

  void acceptAll() {
    for (;;) {
      int fd = accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
      if (fd < 0) return;
      int on = 1;
      setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
      watch(EPOLL_CTL_ADD, fd, EPOLLIN);  // while it is sure to be open: libssh may read at once and take offence
      ssh_session session = ssh_new();
      if (ssh_bind_accept_fd(bind_, session, fd) != SSH_OK) die(ssh_get_error(bind_));
      clients_[fd].connection = std::make_unique<Connection>(session, userKey_, alarms_);
      serve(fd);
    }
  }

  int listener_;
  int epoll_ = epoll_create1(EPOLL_CLOEXEC);
  ssh_bind bind_ = ssh_bind_new();
  ssh_key userKey_ = nullptr;
  Alarms alarms_;
  std::unordered_map<int, Client> clients_;
};

}  // namespace
}  // namespace cbs::light

int main(int argc, char** argv) {
  if (argc < 3 || argc > 6) {
    fprintf(stderr, "usage: light_server HOST_KEY AUTHORIZED_KEY [ADDRESS] [PORT] [PROCESSES]\n");
    return 2;
  }
  cbs::light::allowManyDescriptors();
  auto where = cbs::light::socketAddress(argc > 3 ? argv[3] : "127.0.0.1", argc > 4 ? argv[4] : "0");
  auto listeners = cbs::light::listenTogether(where, argc > 5 ? std::max(1, atoi(argv[5])) : 1);
  cbs::light::Server(argv[1], argv[2], cbs::light::share(listeners)).run();
}
