// A program that submits jobs over RPC, and goes on where it was when the daemon dies and comes back.
#pragma once

#include "common/agent_client.h"

#include <kj/async-io.h>

#include <memory>
#include <string>
#include <vector>

namespace cbs::test {

struct JobSpec {
  std::string target;
  std::string command;
  std::string key;  // idempotency key: what is not answered is asked for again
  bool idempotent = false;
};

// What became of a job.
struct JobEnd {
  std::string id;
  bool exited = false;
  int status = -1;
  ErrorKind error = ErrorKind::NONE;
  std::string out;
};

// Lives on one thread, with an event loop of its own.
class JobCaller {
 public:
  explicit JobCaller(std::string socket);
  ~JobCaller();

  // Gives the id.
  std::string submit(const JobSpec& job);
  // Submits all of them, as many at once as `atOnce`, and gives their ids.
  std::vector<std::string> submitAll(const std::vector<JobSpec>& jobs, size_t atOnce);
  // When it has ended.
  JobEnd await(const std::string& id);
  // When all have, without their outcomes.
  void awaitAll(const std::vector<std::string>& ids);

 private:
  template <typename Call>
  auto persistently(Call call);
  void connect();
  kj::Promise<void> submitOne(const JobSpec& job, std::string& id);
  std::string output(const std::string& id);

  std::string socket_;
  kj::AsyncIoContext io_;
  std::unique_ptr<AgentClient> client_;
};

}  // namespace cbs::test
