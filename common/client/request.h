// What a program asks for, as the daemon wants it.
#pragma once

#include "common/environment.h"
#include "schema/agent.capnp.h"

#include <cbsession/types.h>

namespace cbs::client {

// `surroundings` are the program's own environment.
void describe(const cbsession::Command& command, const Environment& surroundings, schema::ExecRequest::Builder to);
void describe(const cbsession::Job& job, const Environment& surroundings, schema::JobRequest::Builder to);
void describe(const cbsession::JobFilter& filter, schema::JobFilter::Builder to);

void fill(capnp::List<capnp::Text>::Builder to, const std::vector<std::string>& texts);

kj::StringPtr textOf(const std::string& text);

}  // namespace cbs::client
