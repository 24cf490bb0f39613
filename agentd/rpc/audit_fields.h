// What the audit log tells of requests: the inside of a JSON object. No values of variables, and no standard input.
#pragma once

#include "schema/agent.capnp.h"

#include <string>

namespace cbs::rpc {

// The whole command line (empty: the login shell), the folder, the names of variables, and the options of ssh; of a
// SetEnv among them no more than that.
std::string auditFields(schema::ExecRequest::Reader request);
// The paths on hosts, and both hosts' targets.
std::string auditFields(schema::TransferRequest::Reader request);
std::string auditFields(schema::ListRequest::Reader request);

// The first word of a command, for the log: the program, without arguments, which may be secrets.
std::string firstWordOf(schema::CommandSpec::Reader spec);

}  // namespace cbs::rpc
