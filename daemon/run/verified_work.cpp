#include "run/verified_work.h"

#include <fmt/format.h>

#include <cstdint>
#include <map>
#include <set>

#include "base/sha256.h"
#include "contract/contract_version.h"

namespace dyno::run {
namespace {

// Parts with their lengths: no two lists of parts give the same text.
class Parts {
 public:
  void add(std::string_view part) { text_ += fmt::format("{}:{},", part.size(), part); }
  void add(const std::vector<std::string>& parts) {
    add(fmt::format("{} parts", parts.size()));
    for (const auto& part : parts) add(part);
  }
  void add(const std::map<std::string, std::string>& pairs) {
    add(fmt::format("{} pairs", pairs.size()));
    for (const auto& [name, value] : pairs) add(name), add(value);
  }
  const std::string& text() const { return text_; }

 private:
  std::string text_;
};

// One workload with its params; connections and rates are load, which verification does not make.
std::string asked(std::string_view workload, const std::map<std::string, std::int64_t>& params) {
  std::string text(workload);
  for (const auto& [name, value] : params) text += fmt::format(" {}={}", name, value);
  return text;
}

}  // namespace

std::string verified_key(const VerifiedWork& work) {
  std::set<std::string> workloads;
  for (const auto& phase : work.phases) {
    workloads.insert(asked(phase.workload, phase.params));
    if (phase.beside) workloads.insert(asked(phase.beside->workload, phase.beside->params));
  }
  const auto& run = work.stack.run;
  Parts parts;
  parts.add(contract::kContractVersion);
  parts.add(work.image_id);
  parts.add(to_string(work.mode));
  parts.add(fmt::format("{} CPUs", work.app_cpus));
  parts.add(work.mode == model::Mode::scaled ? run.command_scaled : run.command);
  parts.add(run.env);
  parts.add(fmt::format("port {} user {}", run.port, run.user));
  if (is_own(work.stack)) parts.add(work.stack.hash);  // of all that its workloads and their files say
  parts.add(work.services);
  if (work.database) {
    parts.add(fmt::format("connections {} users {} variant {}", work.database->connections, work.database->users,
                          work.database->variant));
  }
  parts.add(std::vector<std::string>(workloads.begin(), workloads.end()));
  return sha256_hex(parts.text());
}

}  // namespace dyno::run
