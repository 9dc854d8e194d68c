// What a Dockerfile would have the engine do beyond its own folder, read before it is built: the images that it takes, and every line
// that reaches past the build's network, its bases or the container's limits. Reads as the classic builder does; where engines
// read a line differently, it is a problem. Pure, thread-safe.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "model/problem.h"

namespace dyno::model {

struct DockerfileReading {
  std::vector<std::string> images;  // that a FROM takes, each once; neither scratch nor a stage of its own
  std::vector<Problem> problems;    // with the line
};

// What a VOLUME is: without a limit on the machine's disk, or covered with memory when its container starts.
enum class Volumes { refused, covered };

// `args` are the build arguments; `bases` the images besides those of its FROMs that a --from= may name. `file` names the text in problems.
DockerfileReading read_dockerfile(std::string_view text, const std::map<std::string, std::string>& args,
                                  const std::vector<std::string>& bases, const std::string& file,
                                  Volumes volumes = Volumes::refused);

}  // namespace dyno::model
