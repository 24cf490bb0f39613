// A running `cbsession`.
#pragma once

#include "tests/support/child_process.h"
#include "tests/support/output_reader.h"

#include <string>
#include <string_view>

namespace cbs::test {

struct CliResult {
  int code = -1;  // exit status; 128 + n if signal n ended it
  std::string out;
  std::string err;
};

// Its standard streams are pipes whose other ends are here.
class CliProcess {
 public:
  // `program.descriptors` must name none of 0, 1 and 2.
  explicit CliProcess(Program program);

  pid_t pid() const { return process_.pid(); }
  void signal(int number) const { process_.signal(number); }
  bool running() { return process_.running(); }

  // Standard input. Writing blocks while the pipe is full.
  void write(std::string_view bytes) const;
  void closeInput() { input_.close(); }
  OutputReader& out() { return out_; }
  OutputReader& err() { return err_; }

  // Closes standard input, reads all the output there is and waits for the end; throws when it has not come in time.
  CliResult finish(milliseconds deadline = kSoon);
  // The same, with these bytes as the rest of standard input. A program that does not want them all is fine.
  CliResult finishWithInput(std::string_view bytes, milliseconds deadline = kSoon);

 private:
  struct Streams {
    Pipe input = makePipe();
    Pipe out = makePipe();
    Pipe err = makePipe();
  };
  CliProcess(Program program, Streams streams);

  ChildProcess process_;
  UniqueFd input_;
  OutputReader out_;
  OutputReader err_;
};

}  // namespace cbs::test
