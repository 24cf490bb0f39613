#include "common/client/loop_thread.h"
#include "common/paths.h"

#include <cbsession/client.h>
#include <unistd.h>

#include <algorithm>

namespace cbsession {
namespace {

using cbs::client::Calls;

constexpr std::chrono::milliseconds kNone{0};
constexpr std::chrono::milliseconds kLongest = std::chrono::hours(24 * 365);  // longer ones are for ever

cbs::client::Settings settingsOf(const Options& options) {
  auto surroundings = cbs::processEnvironment();
  auto socket = options.socket.empty() ? cbs::userPaths(surroundings, geteuid()).socket : options.socket;
  return {.socket = std::move(socket),
          .surroundings = std::move(surroundings),
          .commandsAtOnce = options.commandsAtOnce,
          .patience = std::clamp(options.patience, kNone, kLongest).count() * kj::MILLISECONDS};
}

}  // namespace

class Client::Impl {
 public:
  explicit Impl(const Options& options) : thread_(settingsOf(options)) {}

  // Has `start` make a call on the client's thread.
  template <typename T, typename Start>
  std::future<T> call(Calls::Kind kind, Start start) {
    cbs::client::Answer<T> answer;
    auto future = answer.future();
    thread_.post([kind, answer = kj::mv(answer), start = kj::mv(start)](Calls& calls) mutable {
      calls.begin(kind, kj::mv(answer), kj::mv(start));
    });
    return future;
  }

 private:
  cbs::client::LoopThread thread_;
};

Client::Client(Options options) : impl_(std::make_unique<Impl>(options)) {}
Client::~Client() = default;
Client::Client(Client&&) noexcept = default;
Client& Client::operator=(Client&&) noexcept = default;

std::future<Result> Client::exec(Command command, ExecOptions options) {
  return impl_->call<Result>(Calls::Kind::command,
                             [command = std::move(command), options = std::move(options)](Calls& calls) mutable {
                               return calls.exec(std::move(command), std::move(options));
                             });
}

std::future<std::string> Client::submit(Job job) {
  return impl_->call<std::string>(
      Calls::Kind::other, [job = std::move(job)](Calls& calls) mutable { return calls.submit(std::move(job)); });
}

std::future<JobInfo> Client::wait(std::string job) {
  return impl_->call<JobInfo>(Calls::Kind::wait,
                              [job = std::move(job)](Calls& calls) mutable { return calls.wait(std::move(job)); });
}

std::future<std::vector<JobInfo>> Client::waitAll(std::vector<std::string> jobs) {
  return impl_->call<std::vector<JobInfo>>(
      Calls::Kind::wait, [jobs = std::move(jobs)](Calls& calls) mutable { return calls.waitAll(std::move(jobs)); });
}

std::future<Log> Client::log(std::string job, std::size_t keepBytes) {
  return impl_->call<Log>(Calls::Kind::other, [job = std::move(job), keepBytes](Calls& calls) mutable {
    return calls.log(std::move(job), keepBytes);
  });
}

std::future<Cancelled> Client::cancel(std::string job) {
  return impl_->call<Cancelled>(Calls::Kind::other,
                                [job = std::move(job)](Calls& calls) mutable { return calls.cancel(std::move(job)); });
}

std::future<JobList> Client::jobs(JobFilter filter) {
  return impl_->call<JobList>(
      Calls::Kind::other, [filter = std::move(filter)](Calls& calls) mutable { return calls.jobs(std::move(filter)); });
}

}  // namespace cbsession
