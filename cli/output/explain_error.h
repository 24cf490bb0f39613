// The one place where an error becomes words for a person.
#pragma once

#include "common/error.h"

#include <string>
#include <string_view>

namespace cbs::cli {

// What happened and what to do about it: one line each, without a full stop. `next` is empty where nothing is known.
struct Explanation {
  std::string message;
  std::string next;
};

// `subject` is what the error is about, for the commands in `next`: a target, or "" where there is none.
Explanation explain(const Error& error, std::string_view subject);

// With a full stop at its end, unless there is one.
std::string stopped(std::string sentence);

// `cbsession: web1: host key changed (…). Next: …`, with a newline; and before that, in brackets, the id by which the
// daemon's logs know what has failed, if it ever got there.
std::string sentence(const Error& error, std::string_view subject);

// The same about a job's end: `cbsession: web1: job 01k5q3v8zt7c2m4x: the connection was lost …`.
std::string sentenceOfJob(const Error& error, std::string_view target, std::string_view job);

}  // namespace cbs::cli
