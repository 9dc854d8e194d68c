// A run of a DaemonProcess from its start to its end, as REST tells it, what must be true of one that was cut off, and the images that it
// needs and leaves. For tests.
#pragma once

#include <chrono>
#include <nlohmann/json.hpp>
#include <string>

#include "docker/daemon_process.h"
#include "ports/container_engine.h"

namespace dyno::test {

// Whether a stack in Python can be built.
bool has_python_base(ports::ContainerEngine& engine);
// Those of a stack of the tests' own; those of real stacks stay, as they do for users.
void remove_images(ports::ContainerEngine& engine, const std::string& stack);

std::string start_run(const DaemonProcess& daemon, const std::string& arguments);  // of `dyno run`; its id
// The run when it has ended; null where it does not within the limit.
nlohmann::json await_end(const DaemonProcess& daemon, const std::string& run,
                         std::chrono::seconds limit = std::chrono::minutes(5));
nlohmann::json trials_of(const DaemonProcess& daemon, const std::string& run);
// One result for each place of the plan, and before it only attempts that were cut off.
void expect_whole(const nlohmann::json& trials);

}  // namespace dyno::test
