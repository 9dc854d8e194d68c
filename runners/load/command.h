// What a command line asks for, as values: the load, where it goes, and how it is reported. Reads the files that options name; resolves
// no name and opens no connection.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "runners/load/arguments.h"
#include "runners/load/load_spec.h"
#include "runners/load/url.h"

namespace dyno::loadgen {

// Of the report.
enum class Format { text, json, hdr };

struct Command {
  Url url;
  LoadSpec spec;      // without the target's addresses
  Endpoint endpoint;  // whose addresses those are, where the target is no unix socket
  Format format = Format::text;
  std::string output;  // a file for the report; empty: standard output
  // The options that were given, as a report may show them: a value that lets somebody in is "***".
  std::vector<std::pair<std::string, std::string>> given;
};

// Or every problem there is. `arguments` have none of their own.
tl::expected<Command, std::vector<std::string>> make_command(const Arguments& arguments);

}  // namespace dyno::loadgen
