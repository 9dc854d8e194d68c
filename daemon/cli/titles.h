// What phases, cases, gates, failures and limits are called where a person reads. The dashboard uses the same words: both are held
// against tests/data/wording.json. Pure functions, thread-safe.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cli/shown.h"

namespace dyno::cli {

// "json/c32/r30%json_cap" is "JSON · 30 % of its own maximum". The load of a closed loop is its connections, that of an open loop
// its rate. Connections are added there only where two phases of `among` would read alike.
std::string phase_title(std::string_view name, std::span<const std::string> among = {});

// "Fastify (TypeScript)", and the mode where it is not the usual one.
std::string case_title(const std::vector<ShownRunStack>& stacks, std::string_view case_name);

std::string gate_title(std::string_view gate);
std::string failure_title(std::string_view failure);
// What limited a throughput; empty where nothing is known.
std::string bound_title(std::string_view bound);
// "Finished; 1 of 2 stacks failed".
std::string outcome_title(std::string_view state, std::size_t failed, std::size_t stacks);
// Who started a run: its schedule, or somebody through the API.
std::string starter_title(std::string_view trigger, std::string_view schedule);

// "2026-11-24T02:30:00+01:00", a local time as the API gives it, is "24 Nov 2026, 02:30 (UTC+01:00)".
std::string local_stamp(std::string_view local);
// "28 Nov 2026, 11:35", in this machine's zone, of an instant as the API gives it.
std::string stamp(std::string_view instant);

// The API's sentence about an event, with titles in place of the names of its own case and phase.
std::string event_sentence(const ShownEvent& event, const std::vector<ShownRunStack>& stacks);

}  // namespace dyno::cli
