// Ends a container as its users would: the stop signal, a period of grace, then SIGKILL; and sees the exit by a wait that was opened
// before the signal, so that the time measured is the program's and not that of a poll. Thread-safe.
#pragma once

#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "docker/docker_client.h"
#include "docker/engine_api.h"
#include "ports/container_engine.h"

namespace dyno::docker {

// `running` is a container that was inspected as running, with its stop signal.
struct RunningContainer {
  std::string id;
  std::string stop_signal;
};

Result<ports::StopOutcome> stop_running(DockerClient& client, Clock& clock, const RunningContainer& running,
                                        Nanos grace);

// The engine's word on a container; not_found when it has none.
Result<ContainerAnswer> inspect(DockerClient& client, const std::string& id);

}  // namespace dyno::docker
