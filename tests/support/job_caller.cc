#include "tests/support/job_caller.h"

#include "common/local_socket.h"
#include "tests/support/child_process.h"
#include "tests/support/failure.h"

#include <chrono>

namespace cbs::test {
namespace {

constexpr uint64_t kLongPollMs = 20'000;

}  // namespace

JobCaller::JobCaller(std::string socket) : socket_(std::move(socket)), io_(kj::setupAsyncIo()) {}

JobCaller::~JobCaller() = default;

// A daemon that is not there now is back soon.
void JobCaller::connect() {
  auto end = std::chrono::steady_clock::now() + kSoon;
  for (;;) {
    auto socket = connectLocal(socket_);
    if (socket) {
      Loop loop{io_.unixEventPort, io_.provider->getTimer(), *io_.lowLevelProvider};
      client_ = std::make_unique<AgentClient>(loop, kj::mv(*socket), "test");
      return;
    }
    if (std::chrono::steady_clock::now() > end) fail("the daemon does not come back: " + socket.error().detail);
    io_.provider->getTimer().afterDelay(5 * kj::MILLISECONDS).wait(io_.waitScope);
  }
}

// Makes a call again and again until the daemon lives long enough to answer it.
template <typename Call>
auto JobCaller::persistently(Call call) {
  for (;;) {
    if (!client_) connect();
    try {
      return call(client_->agent());
    } catch (const kj::Exception& exception) {
      if (exception.getType() != kj::Exception::Type::DISCONNECTED) throw;
      client_.reset();
    }
  }
}

std::string JobCaller::submit(const JobSpec& job) { return submitAll({job}, 1).front(); }

std::vector<std::string> JobCaller::submitAll(const std::vector<JobSpec>& jobs, size_t atOnce) {
  std::vector<std::string> ids(jobs.size());
  for (size_t from = 0; from < jobs.size(); from += atOnce) {
    size_t to = std::min(jobs.size(), from + atOnce);
    persistently([&](schema::Agent::Client&) {
      kj::Vector<kj::Promise<void>> answers;
      for (size_t i = from; i < to; ++i) {
        if (ids[i].empty()) answers.add(submitOne(jobs[i], ids[i]));
      }
      kj::joinPromises(answers.releaseAsArray()).wait(io_.waitScope);
      return 0;
    });
  }
  return ids;
}

kj::Promise<void> JobCaller::submitOne(const JobSpec& job, std::string& id) {
  auto request = client_->agent().submitRequest();
  auto asked = request.initRequest();
  asked.setIdempotencyKey(job.key.c_str());
  asked.getExec().setTarget(job.target.c_str());
  asked.getExec().setIdempotent(job.idempotent);
  asked.getExec().initSpec().getCommand().setLine(kj::StringPtr(job.command.c_str(), job.command.size()).asBytes());
  return request.send().then([&id](auto&& answer) {
    auto error = decode(answer.getError());
    if (error.kind != ErrorKind::NONE) fail("a job was refused: " + std::string(nameOf(error.reason)));
    id = answer.getId().cStr();
  });
}

JobEnd JobCaller::await(const std::string& id) {
  JobEnd end{.id = id};
  bool done = false;
  while (!done) {
    done = persistently([&](schema::Agent::Client& agent) {
      auto request = agent.awaitJobsRequest();
      request.initJobs(1).set(0, id.c_str());
      request.setWaitMs(kLongPollMs);
      auto answer = request.send().wait(io_.waitScope);
      if (answer.getError().getKind() != ErrorKind::NONE) fail("the job " + id + " is lost");
      if (!answer.getDone()) return false;
      auto outcome = answer.getJobs()[0].getOutcome();
      end.exited = outcome.getState().isExited();
      if (end.exited) end.status = outcome.getState().getExited();
      end.error = outcome.getError().getKind();
      return true;
    });
  }
  end.out = output(id);
  return end;
}

void JobCaller::awaitAll(const std::vector<std::string>& ids) {
  auto hasEnded = [&](schema::Agent::Client& agent) {
    auto request = agent.awaitJobsRequest();
    auto jobs = request.initJobs(static_cast<unsigned>(ids.size()));
    for (unsigned i = 0; i < jobs.size(); ++i) jobs.set(i, ids[i].c_str());
    request.setWaitMs(kLongPollMs);
    return request.send().wait(io_.waitScope).getDone();
  };
  while (!persistently(hasEnded)) continue;
}

std::string JobCaller::output(const std::string& id) {
  std::string out;
  uint64_t offset = 0;
  uint32_t attempt = 0;
  for (bool complete = false; !complete;) {
    complete = persistently([&](schema::Agent::Client& agent) {
      auto request = agent.readLogRequest();
      request.setJob(id.c_str());
      request.setAttempt(attempt);
      request.setOffset(offset);
      request.setWaitMs(kLongPollMs);
      auto answer = request.send().wait(io_.waitScope);
      auto log = answer.getLog();
      if (log.getAttempt() != attempt) out.clear();
      for (auto chunk : log.getChunks()) out.append(chunk.getBytes().asChars().begin(), chunk.getBytes().size());
      attempt = log.getAttempt();
      offset = log.getNext();
      return log.getComplete();
    });
  }
  return out;
}

}  // namespace cbs::test
