// Files and folders of this machine, for the daemon to move.
#pragma once

#include "cli/transfer/source_options.h"
#include "schema/fan_out.capnp.h"

#include <string>
#include <vector>

namespace cbs::cli {

// Serves what `paths` name; a slash at the end asks for the contents of a folder. Nothing is read before it is asked
// for.
schema::FileSource::Client makeFileSource(std::vector<std::string> paths, SourceOptions options);

// The same again and again, each for itself.
schema::FileSources::Client makeFileSources(std::vector<std::string> paths, SourceOptions options);

}  // namespace cbs::cli
