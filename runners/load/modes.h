// The modes of dyno-load but `run`, which main.cpp puts together. Each is called once, on the main thread.
#pragma once

#include <algorithm>
#include <cstdint>

#include "base/result.h"

namespace dyno::loadgen {

// `dyno-load probe`: connects to a starting server every millisecond and stamps the first accepted connect, the first good
// answer and the first good answer of a deeper path. Ends when it has them all or when standard input ends.
Status probe_mode();
// How long it waits after an accepted connect without a good answer: what comes within the pause is seen at its end, so that it is
// a twentieth of the time since the server accepted its first connection, which is less than its start has taken. At least 2 ms,
// for asking more often would be load on a server that is still booting; at most 10 ms.
constexpr std::int64_t probe_pause_ns(std::int64_t since_accepted_ns) {
  return std::clamp<std::int64_t>(since_accepted_ns / 20, 2'000'000, 10'000'000);
}

// `dyno-load exchange`: the transport of verification. Sends the given bytes, in the given pieces, and reports what came back,
// answer by answer; judges nothing. The exchanges of one call run one after the other, those that are marked so at once.
Status exchange_mode();

// dyno-load for a person: `dyno-load http://127.0.0.1:8080/path -c 64 -d 10s`. Returns the exit code.
int standalone(int argc, char** argv);

}  // namespace dyno::loadgen
