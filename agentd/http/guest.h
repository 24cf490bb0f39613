// One connection over HTTP.
#pragma once

#include "agentd/http/guarded_stream.h"
#include "agentd/http/pages.h"
#include "agentd/http/traffic.h"

#include <kj/compat/http.h>

namespace cbs::http {

// The headers that are read or sent beside those that KJ knows.
struct HeaderTable {
  HeaderTable();
  kj::HttpHeaderTable::Builder builder;
  kj::HttpHeaderId cacheControl, contentTypeOptions, allow;
  kj::Own<kj::HttpHeaderTable> table;
};

// What all connections have in common; outlives them.
struct House {
  kj::Timer& timer;
  Pages& pages;
  Traffic& traffic;
  const HeaderTable& headers;
  bool checkHost = false;  // only requests that name this machine are answered
  bool crowded = false;    // somebody waits for room: connections are closed after their next answer
};

// Answers the requests that come over a connection, one after another.
//
// A request has to be whole within five seconds and small, without a body; it is answered within ten. Between requests
// the connection may be silent for thirty seconds; after a hundred requests it is closed.
class Guest final : private kj::HttpService, private kj::HttpServerErrorHandler, private kj::HttpServerCallbacks {
 public:
  Guest(House& house, kj::Own<kj::AsyncIoStream> stream);

  // Resolves, or fails, when the connection is over.
  kj::Promise<void> serve();
  // Closes the connection.
  void leave() { left_.fulfiller->fulfill(); }

  // A request is being answered.
  bool busy() const { return busy_; }

 private:
  kj::Promise<void> request(kj::HttpMethod method, kj::StringPtr url, const kj::HttpHeaders& headers,
                            kj::AsyncInputStream& body, Response& response) override;
  Task<void> answer(std::string path, Response& response);
  kj::Promise<void> refuse(unsigned status, kj::StringPtr words, Response& response);
  kj::Promise<void> send(Answer answer, kj::StringPtr words, Response& response);
  bool welcomes(const kj::HttpHeaders& headers) const;
  bool shouldClose() override { return requests_ >= kMostRequests || house_.crowded || toClose_; }
  kj::Promise<void> handleClientProtocolError(kj::HttpHeaders::ProtocolError error, Response& response) override;
  kj::Promise<void> handleApplicationError(kj::Exception exception, kj::Maybe<Response&> response) override;

  static constexpr unsigned kMostRequests = 100;

  House& house_;
  GuardedStream stream_;
  kj::HttpServer server_;
  kj::PromiseFulfillerPair<void> left_ = kj::newPromiseAndFulfiller<void>();
  unsigned requests_ = 0;
  bool busy_ = false;
  bool toClose_ = false;  // the client has asked for it
};

}  // namespace cbs::http
