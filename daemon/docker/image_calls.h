// The calls that read a stream of JSON back: build and import, which send an archive, and pull. Thread-safe.
#pragma once

#include <map>
#include <string>

#include "base/clock.h"
#include "docker/docker_client.h"
#include "ports/container_engine.h"

namespace dyno::docker {

struct Build {
  const ports::BuildContext& context;
  const ports::BuildRequest& request;
  const ports::EngineDescription& machine;  // a build leaves it a quarter of its memory and of one CPU
  const ports::BuildLog& log;
};

Result<ports::BuildOutcome> build(DockerClient& client, Clock& clock, const Build& wanted, std::stop_token stop);

Status pull(DockerClient& client, const std::string& name, const ports::BuildLog& log, std::stop_token stop);

Result<std::string> import(DockerClient& client, const std::string& program_path, const std::string& tag,
                           const std::map<std::string, std::string>& labels);

}  // namespace dyno::docker
