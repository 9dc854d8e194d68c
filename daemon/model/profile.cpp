#include "model/profile.h"

#include <fmt/format.h>

namespace dyno::model {

std::string name_of(const ProfilePhase& phase) {
  std::string name = phase.workload;
  for (const auto& [key, value] : phase.params) name += fmt::format("/{}{}", key, value);
  name += fmt::format("/c{}", phase.connections);
  if (const auto* const rate = std::get_if<Rate>(&phase.rate)) name += fmt::format("/r{:g}", rate->per_s);
  if (const auto* const share = std::get_if<ShareOfCap>(&phase.rate))
    name += fmt::format("/r{:g}%{}", share->share * 100, share->cap);
  if (std::holds_alternative<RatesOfObjectives>(phase.rate)) name += "/objectives";
  if (!phase.beside) return name;
  name += fmt::format("+{}", phase.beside->workload);
  for (const auto& [key, value] : phase.beside->params) name += fmt::format("/{}{}", key, value);
  return name + fmt::format("/c{}", phase.beside->connections);
}

}  // namespace dyno::model
