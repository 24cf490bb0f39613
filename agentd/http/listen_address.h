// Where metrics and health are served, as `http.listen` says it.
#pragma once

#include "common/error.h"

#include <sys/socket.h>

#include <string>
#include <string_view>

namespace cbs::http {

// A port, or the path of a Unix socket.
struct ListenAddress {
  std::string path = "";          // "": a port
  sockaddr_storage address = {};  // of the port; numeric, so that nothing has to be looked up
  socklen_t size = 0;
  bool loopback = false;  // only this machine reaches it, and so do the web pages that somebody looks at on it
};

// Reads `ADDRESS:PORT`, in which ADDRESS is numeric (IPv6 in brackets), `localhost` or `*`, or `unix:/PATH`. The
// error's detail says what is wrong.
Expected<ListenAddress> parseListenAddress(std::string_view text);

// Whether the Host header of a request names this machine: by a number, `localhost` or its host name. A page in a
// browser that had its own name lead here (DNS rebinding) does not.
bool namesThisMachine(std::string_view hostHeader);

}  // namespace cbs::http
