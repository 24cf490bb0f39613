#include "common/client/calls.h"

#include "common/client/request.h"

namespace cbs::client {
namespace {

constexpr unsigned kWaitsAtOnce = 10'000;  // each costs the daemon a few hundred bytes
constexpr unsigned kOthersAtOnce = 256;

}  // namespace

Calls::Calls(Loop loop, const Settings& settings)
    : loop_(loop),
      settings_(settings),
      link_(loop, settings.socket),
      turnstiles_{Turnstile(std::max(1U, settings.commandsAtOnce)), Turnstile(kWaitsAtOnce), Turnstile(kOthersAtOnce)} {
}

Task<Expected<std::string>> Calls::submit(cbsession::Job job) {
  auto connection = co_await link_.get();
  if (!connection) co_return fail(std::move(connection.error()));
  auto request = (*connection)->agent().submitRequest();
  describe(job, settings_.surroundings, request.initRequest());
  auto answer = co_await ask(loop_.timer, kj::mv(request));
  if (!answer) co_return fail(std::move(answer.error()));
  co_return std::string(answer->getId().cStr());
}

Task<Expected<cbsession::Cancelled>> Calls::cancel(std::string job) {
  auto connection = co_await link_.get();
  if (!connection) co_return fail(std::move(connection.error()));
  auto request = (*connection)->agent().cancelJobsRequest();
  request.initJobs(1).set(0, textOf(job));
  auto answer = co_await ask(loop_.timer, kj::mv(request));
  if (!answer) co_return fail(std::move(answer.error()));
  auto results = answer->getResults();
  if (results.size() != 1) co_return fail(ErrorKind::INTERNAL, Reason::UNSPECIFIED, "an answer about other jobs");
  switch (results[0].getWhat()) {
    case schema::Cancelled::What::REMOVED:
      co_return cbsession::Cancelled::removed;
    case schema::Cancelled::What::SIGNALLED:
      co_return cbsession::Cancelled::signalled;
    case schema::Cancelled::What::HAD_ENDED:
    default:
      co_return cbsession::Cancelled::hadEnded;
  }
}

Task<Expected<cbsession::JobList>> Calls::jobs(cbsession::JobFilter filter) {
  auto connection = co_await link_.get();
  if (!connection) co_return fail(std::move(connection.error()));
  auto request = (*connection)->agent().jobsRequest();
  describe(filter, request.initFilter());
  auto answer = co_await ask(loop_.timer, kj::mv(request));
  if (!answer) co_return fail(std::move(answer.error()));
  co_return cbsession::JobList{readJobs(answer->getJobs()), answer->getMore()};
}

}  // namespace cbs::client
