#include "agentd/http/guest.h"

#include "agentd/http/listen_address.h"
#include "agentd/telemetry/log.h"

#include <strings.h>

namespace cbs::http {
namespace {

constexpr auto kAnswering = 10 * kj::SECONDS;

kj::HttpServerSettings settings(kj::HttpServerErrorHandler& errors, kj::HttpServerCallbacks& callbacks) {
  kj::HttpServerSettings settings;
  settings.headerTimeout = 5 * kj::SECONDS;
  settings.pipelineTimeout = 30 * kj::SECONDS;
  settings.canceledUploadGracePeriod = 1 * kj::SECONDS;
  settings.canceledUploadGraceBytes = GuardedStream::kLargestRequest;
  settings.errorHandler = errors;
  settings.callbacks = callbacks;
  return settings;
}

kj::StringPtr wordsOf(unsigned status) {
  switch (status) {
    case 200:
      return "OK";
    case 503:
      return "Service Unavailable";
    default:
      return "Internal Server Error";
  }
}

bool hasBody(kj::AsyncInputStream& body) {
  KJ_IF_MAYBE (length, body.tryGetLength()) {
    return *length > 0;
  }
  return true;
}

bool asksToClose(const kj::HttpHeaders& headers) {
  KJ_IF_MAYBE (connection, headers.get(kj::HttpHeaderId::CONNECTION)) {
    return strcasecmp(connection->cStr(), "close") == 0;
  }
  return false;
}

}  // namespace

HeaderTable::HeaderTable()
    : cacheControl(builder.add("Cache-Control")),
      contentTypeOptions(builder.add("X-Content-Type-Options")),
      allow(builder.add("Allow")),
      table(builder.build()) {}

Guest::Guest(House& house, kj::Own<kj::AsyncIoStream> stream)
    : house_(house),
      stream_(house.timer, kj::mv(stream)),
      server_(house.timer, *house.headers.table, *this, settings(*this, *this)) {}

kj::Promise<void> Guest::serve() {
  return server_.listenHttpCleanDrain(stream_).ignoreResult().exclusiveJoin(kj::mv(left_.promise));
}

// The headers are read before anything is waited for, as they go then.
kj::Promise<void> Guest::request(kj::HttpMethod method, kj::StringPtr url, const kj::HttpHeaders& headers,
                                 kj::AsyncInputStream& body, Response& response) {
  stream_.requestCame();
  if (++requests_ > kMostRequests) {
    leave();
    return kj::NEVER_DONE;
  }
  auto path = Pages::pathOf({url.begin(), url.size()});
  toClose_ = asksToClose(headers);
  if (stream_.overrun()) return refuse(431, "Request Header Fields Too Large", response);
  if (hasBody(body)) return refuse(413, "Payload Too Large", response);
  if (!welcomes(headers)) return refuse(421, "Misdirected Request", response);
  if (path.empty()) return refuse(404, "Not Found", response);
  if (method != kj::HttpMethod::GET && method != kj::HttpMethod::HEAD) {
    return refuse(405, "Method Not Allowed", response);
  }
  return answer(kj::mv(path), response);
}

bool Guest::welcomes(const kj::HttpHeaders& headers) const {
  if (!house_.checkHost) return true;
  KJ_IF_MAYBE (host, headers.get(kj::HttpHeaderId::HOST)) {
    return namesThisMachine({host->begin(), host->size()});
  }
  return true;  // no browser leaves it out
}

Task<void> Guest::answer(std::string path, Response& response) {
  busy_ = true;
  KJ_DEFER(busy_ = false);
  auto& clock = kj::systemPreciseMonotonicClock();
  auto start = clock.now();
  auto answer = co_await house_.timer.timeoutAfter(kAnswering, house_.pages.get(path));
  auto took = static_cast<double>((clock.now() - start) / kj::MICROSECONDS) / 1e6;
  house_.traffic.answered(path, answer.status, took);
  auto words = wordsOf(answer.status);
  co_await send(kj::mv(answer), words, response);
}

kj::Promise<void> Guest::refuse(unsigned status, kj::StringPtr words, Response& response) {
  house_.traffic.refused(status);
  return send(Answer{status, "text/plain; charset=utf-8"_kj, std::to_string(status) + " " + words.cStr() + "\n"}, words,
              response);
}

kj::Promise<void> Guest::send(Answer answer, kj::StringPtr words, Response& response) {
  kj::HttpHeaders headers(*house_.headers.table);
  headers.set(kj::HttpHeaderId::CONTENT_TYPE, answer.contentType);
  headers.set(house_.headers.cacheControl, "no-store");
  headers.set(house_.headers.contentTypeOptions, "nosniff");
  if (answer.status == 405) headers.set(house_.headers.allow, "GET, HEAD");
  auto stream = response.send(answer.status, words, headers, answer.body.size());
  auto text = kj::heap(kj::mv(answer.body));
  auto written = stream->write(text->data(), text->size());
  auto sent = written.attach(kj::mv(stream), kj::mv(text));
  return sent.then([this]() {
    if (shouldClose()) leave();
  });
}

kj::Promise<void> Guest::handleClientProtocolError(kj::HttpHeaders::ProtocolError error, Response& response) {
  telemetry::log(telemetry::Category::HTTP).debug("bad request", {{"detail", error.description.cStr()}});
  return refuse(error.statusCode, error.statusMessage, response);
}

kj::Promise<void> Guest::handleApplicationError(kj::Exception exception, kj::Maybe<Response&> response) {
  telemetry::log(telemetry::Category::HTTP)
      .debug("a connection has failed", {{"detail", exception.getDescription().cStr()}});
  KJ_IF_MAYBE (unanswered, response) {
    if (exception.getType() == kj::Exception::Type::OVERLOADED) return refuse(503, "Service Unavailable", *unanswered);
    if (exception.getType() == kj::Exception::Type::UNIMPLEMENTED) return refuse(501, "Not Implemented", *unanswered);
    if (exception.getType() == kj::Exception::Type::DISCONNECTED) return kj::READY_NOW;
    return refuse(500, "Internal Server Error", *unanswered);
  }
  return kj::READY_NOW;
}

}  // namespace cbs::http
