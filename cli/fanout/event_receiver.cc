#include "cli/fanout/event_receiver.h"

#include "cli/output/printable.h"

namespace cbs::cli {

Task<Expected<void>> EventReceiver::take(capnp::List<schema::FanOutEvent>::Reader events) {
  for (auto event : events) {
    if (!board_.expects(event.getHost())) continue;
    if (auto taken = co_await takeOne(event); !taken) co_return taken;
  }
  co_return co_await console_.flush();
}

Task<Expected<void>> EventReceiver::takeOne(schema::FanOutEvent::Reader event) {
  uint32_t host = event.getHost();
  auto what = event.getWhat();
  switch (what.which()) {
    case schema::FanOutEvent::What::STARTED:
      board_.started(host, timer_.now());
      return presenter_.started(host);
    case schema::FanOutEvent::What::OUTPUT:
      return presenter_.output(host, what.getOutput().getStream(), what.getOutput().getBytes());
    case schema::FanOutEvent::What::ENDED:
      return end(host, HostEnd::told(what.getEnded()));
    case schema::FanOutEvent::What::MOVED:
      return end(host, HostEnd::moved(what.getMoved()));
  }
  return [](auto) -> Task<Expected<void>> { co_return Expected<void>(); }(0);  // of a newer daemon
}

Task<Expected<void>> EventReceiver::end(uint32_t host, HostEnd end) {
  const HostEnd& kept = board_.ended(host, kj::mv(end));
  auto warnings = newWarnings(host, kept);
  if (!warnings.empty()) std::ignore = co_await console_.write(schema::OutputStream::STDERR, kj::mv(warnings));
  co_return co_await presenter_.ended(host, kept);
}

// Each setting once, with the first host that has it: a thousand hosts have the same.
std::string EventReceiver::newWarnings(uint32_t host, const HostEnd& end) {
  std::string lines;
  if (end.outcome.get() == nullptr) return lines;
  for (auto setting : end.outcome->getIgnored()) {
    if (!warned_.insert(setting.cStr()).second) continue;
    lines += "cbsession: " + printable(board_.targets()[host]) + ": warning: " + printable(setting.cStr()) +
             " of ssh_config is not supported\n";
  }
  return lines;
}

}  // namespace cbs::cli
