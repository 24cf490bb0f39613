// What a large known_hosts costs: reading it, and looking names up. The script known_hosts beside it says more.
#include "agentd/core/wire.h"
#include "agentd/identity/known_hosts_file.h"
#include "agentd/identity/public_key.h"
#include "tests/bench/machine.h"
#include "tests/bench/statistics.h"
#include "tests/bench/stopwatch.h"
#include "tests/support/failure.h"
#include "tests/support/temp_folder.h"

#include <CLI/CLI.hpp>

#include <cstdio>

namespace cbs::bench {
namespace {

using identity::KnownHostsFile;

constexpr int kNames = 50;          // looked up, plain and hashed ones in turn
constexpr int kRepetitions = 1000;  // of each
constexpr double kMostMs = 1;       // the goal for a look-up

// A name of the usual length.
std::string nameOf(int host) { return "host" + std::to_string(host) + ".example.org"; }

// Every second name is hashed; each host has a key of its own.
std::string makeText(int lines) {
  std::string text;
  for (int host = 0; host < lines; ++host) {
    auto key = nameOf(host);
    key.resize(32);
    auto blob = core::WireWriter().string("ssh-ed25519").string(key).bytes();
    text += host % 2 == 0 ? nameOf(host) : identity::hashedName(nameOf(host));
    text += " ssh-ed25519 " + identity::encodeBase64(blob) + "\n";
  }
  return text;
}

void lookUp(const KnownHostsFile& file, const std::string& name) {
  if (file.find(name).size() != 1) test::fail(name + " is not found once");
}

void print(const char* what, double ms) { printf("%-40s %12.4f\n", what, ms); }

void run(int lines) {
  tellIfBusy();
  test::TempFolder folder;
  auto path = folder.write("known_hosts", makeText(lines));
  printf("%d lines, every second name hashed; ms, medians\n", lines);

  std::vector<double> reading, first, again;
  for (int round = 0; round < 5; ++round) {
    reading.push_back(millisecondsOf([&] { std::ignore = *KnownHostsFile::read(path); }));
  }
  auto file = *KnownHostsFile::read(path);
  for (int i = 0; i < kNames; ++i) {
    auto name = nameOf(static_cast<int>(static_cast<int64_t>(lines - 1) * i / kNames));
    first.push_back(millisecondsOf([&] { lookUp(file, name); }));
    auto all = millisecondsOf([&] {
      for (int repetition = 0; repetition < kRepetitions; ++repetition) lookUp(file, name);
    });
    again.push_back(all / kRepetitions);
  }
  print("reading the file", median(reading));
  print("the first look-up of a name", median(first));
  print("looking it up again", median(again));
  printf("goal: at most %.0f ms once a name has been looked up: %s\n", kMostMs,
         quantile(again, 1) <= kMostMs ? "met" : "not met");
}

}  // namespace
}  // namespace cbs::bench

int main(int argc, char** argv) {
  CLI::App app("Time that a large known_hosts takes");
  int lines = 100'000;
  app.add_option("--lines", lines, "how many")->check(CLI::Range(2, 10'000'000));
  CLI11_PARSE(app, argc, argv);
  try {
    cbs::bench::run(lines);
  } catch (const std::exception& error) {
    fprintf(stderr, "known_hosts: %s\n", error.what());
    return 1;
  }
}
