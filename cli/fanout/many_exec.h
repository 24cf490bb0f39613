// A command on many hosts.
#pragma once

#include "cli/exec/exec_options.h"
#include "cli/fanout/fan_out_options.h"
#include "cli/fanout/formats.h"

#include <string>
#include <vector>

namespace cbs::cli {

// What is typed for many hosts, beside what every command takes.
struct TypedMany {
  TypedFanOut pace;
  FormatOptions format;
};

// What is typed goes to `typed`, which outlives `app`.
void addManyOptions(CLI::App& app, TypedMany& typed);

// Whether the command has the form for many hosts: by its TARGET, by an option, or by how its output is to look.
bool isForMany(CommandLine& line, const std::string& target);

// Runs it, and gives the exit code. What is wrong with the options is complained of before anything is sent.
int execOnMany(CommandLine& line, ExecOptions options, const TypedMany& typed);

}  // namespace cbs::cli
