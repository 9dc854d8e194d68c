#pragma once
#include <map>
#include <string>
#include <vector>
#include "model/profile.h"
#include "run/rig.h"
#include "run/trial_end.h"
namespace dyno::run {
// stub
TrialResult<std::map<model::Workload, std::vector<std::string>>> verify_workloads(const Rig&, const std::vector<model::ProfilePhase>&, const ports::LoadTarget&, std::uint64_t, bool, std::stop_token);
}
