// dyno-load for a person: `dyno-load http://127.0.0.1:8080/path -c 64 -d 10s`. Returns the exit code.
#pragma once

namespace dyno::loadgen {

int standalone(int argc, char** argv);

}  // namespace dyno::loadgen
