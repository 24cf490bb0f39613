// Text on standard output and standard error, without iostream and its start-up cost.
#pragma once

#include "common/error.h"
#include "schema/cli.capnp.h"

#include <string_view>

namespace cbs::cli {

// Writes all of it, or ends the program: quietly with 141 when the reader has gone, as SIGPIPE would, else with a
// sentence and the code for a local I/O error.
void print(std::string_view text);

// Writes what can be written to standard error.
void printError(std::string_view text);

// Prints the sentence about a failure, and the same as JSON if that is asked for. Gives the exit code.
int reportFailure(const Error& error, std::string_view subject, bool json);

// Fills in the failure that `--output json` shows.
void describeFailure(const Error& error, std::string_view subject, schema::Failure::Builder to);

}  // namespace cbs::cli
