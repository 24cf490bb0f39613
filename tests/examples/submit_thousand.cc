// Hands a thousand jobs over to the daemon, waits for them, and counts what became of them.
//
//   c++ -std=c++20 submit_thousand.cc $(pkg-config --cflags --libs cbsession-client)
#include <cbsession/client.h>

#include <chrono>
#include <exception>
#include <future>
#include <iostream>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace {

constexpr int kJobs = 1000;

// Several of one status count together: "exited 0", "notSent hostKeyChanged".
std::string statusOf(const cbsession::Outcome& outcome) {
  switch (outcome.state) {
    case cbsession::State::exited:
      return "exited " + std::to_string(outcome.exitCode);
    case cbsession::State::signalled:
      return "signalled " + outcome.signal;
    case cbsession::State::notSent:
      return "notSent " + outcome.failure.reason;
    case cbsession::State::unknown:
      break;
  }
  return "unknown " + outcome.failure.reason;
}

std::vector<std::string> submitAll(cbsession::Client& client, const std::string& target) {
  std::vector<std::future<std::string>> submitted;
  submitted.reserve(kJobs);
  for (int i = 0; i < kJobs; ++i) {
    submitted.push_back(client.submit({.command = {.target = target, .line = "exit " + std::to_string(i % 2)}}));
  }
  std::vector<std::string> ids;
  ids.reserve(kJobs);
  for (auto& id : submitted) ids.push_back(id.get());
  return ids;
}

void run(const std::string& target) {
  auto start = std::chrono::steady_clock::now();
  auto seconds = [start]() { return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count(); };

  cbsession::Client client;
  auto ids = submitAll(client, target);
  std::cout << "submitted " << kJobs << " jobs in " << seconds() << " s\n";

  std::map<std::string, int> counts;
  for (const auto& job : client.waitAll(ids).get()) ++counts[statusOf(job.outcome)];
  for (const auto& [status, count] : counts) std::cout << count << " " << status << "\n";
  std::cout << kJobs / seconds() << " jobs per second\n";
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2 || std::string_view(argv[1]).starts_with('-')) {
    bool asked = argc == 2 && std::string_view(argv[1]) == "--help";
    (asked ? std::cout : std::cerr) << "usage: submit_thousand [user@]host[:port]\n";
    return asked ? 0 : 2;
  }
  try {
    run(argv[1]);
  } catch (const cbsession::Error& error) {
    std::cerr << "submit_thousand: " << error.what() << "\n";
    return 1;
  }
}
