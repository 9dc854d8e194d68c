// --requests FILE: several requests and how often each is sent. A line of JSON each, or a list in YAML; both become the same values as
// the request lines of the daemon's protocol. Every problem is told with file, line and key. Pure; thread-safe.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "runners/load/load_spec.h"

namespace dyno::loadgen {

// A value of such a file, in whichever of the two it was written.
struct FileValue {
  enum class Kind { nothing, text, list, map };
  Kind kind = Kind::nothing;
  int line = 0;
  std::string text{};  // of a text, number or truth value; of a list or map of JSON its JSON
  std::string json{};  // the whole of it as JSON: in YAML what is quoted is a string, and a plain 7 is none
  std::vector<std::pair<std::string, FileValue>> entries{};  // of a map, in order; of a list without keys
};
// What could not be read at all, and where.
struct FileFaultAt {
  int line = 0;
  std::string message;
};
using FileValues = tl::expected<std::vector<FileValue>, FileFaultAt>;

// One object a line (request_json.cpp), the items of a list, or the one map of such a file (request_yaml.cpp).
FileValues read_json_lines(std::string_view text);
FileValues read_yaml_list(std::string_view text);

struct FileRequests {
  std::vector<RequestSpec> requests;
  bool is_session = false;  // the file is a map of `session` and its steps
};

// `base` has what a request does not say itself: path, method, status, and headers, of which it may bring its own. `read` gives the bytes
// of a body_file. Or every problem.
using ReadBody = Result<std::string> (*)(const std::string& path);
tl::expected<FileRequests, std::vector<std::string>> read_requests(std::string_view text, const std::string& file,
                                                                   const RequestSpec& base, ReadBody read);

}  // namespace dyno::loadgen
