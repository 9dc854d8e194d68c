#include "run/service_container.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/id.h"
#include "base/sha256.h"
#include "base/text.h"

namespace dyno::run {
namespace {

using Words = std::map<std::string, std::string>;  // {word} → what it stands for

constexpr Nanos kReadyPoll = std::chrono::milliseconds(50);
constexpr Bytes kLogLimit = kib(4);
constexpr std::size_t kShownOutput = 400;

std::map<std::string, std::string> filled(std::map<std::string, std::string> values, const Words& words) {
  for (auto& [name, value] : values) {
    for (const auto& [word, meaning] : words) {
      const std::string placeholder = "{" + word + "}";
      for (std::size_t at = value.find(placeholder); at != std::string::npos;
           at = value.find(placeholder, at + meaning.size()))
        value.replace(at, placeholder.size(), meaning);
    }
  }
  return values;
}

// Letters and digits, so that it needs no escapes wherever it is put. The network has no way out, and it lives for one run.
std::string new_secret(const Rig& rig) { return sha256_hex(new_id(rig.host.clock().wall_now())).substr(0, 32); }

ports::ContainerSpec service_spec(const Rig& rig, const ServicePlace& place, const model::Service& service) {
  ports::ContainerSpec spec;
  spec.name = object_name(rig, place.run_id, service.name);
  spec.image_id = place.image_id;
  spec.command = service.run.command;
  spec.labels = run_labels(rig, place.run_id, "service");
  spec.user = service.run.user;
  spec.cpuset = model::cpu_list(place.cpus);
  spec.memory = service.limits.memory;
  spec.pids = service.limits.pids;
  spec.open_files = service.limits.open_files;
  spec.tmp = service.limits.tmp;
  spec.shared_memory = service.shared_memory;
  for (const auto& folder : service.folders) spec.folders.push_back({folder.path, folder.size});
  spec.network = ports::JoinNetwork{place.network_id};
  return spec;
}

bool succeeded(const Result<ports::ExecOutcome>& outcome) { return outcome && outcome->exit_code == 0; }

// What no further attempt can change.
bool is_final(const Error& error) {
  return error.code == ErrorCode::cancelled || error.code == ErrorCode::unavailable ||
         error.code == ErrorCode::conflict || error.code == ErrorCode::not_found;
}

}  // namespace

Result<ServiceContainer> ServiceContainer::start(const Rig& rig, const ServicePlace& place,
                                                 const model::Service& service, const std::stop_token& stop) {
  Words words{{"users", fmt::format("{}", place.request.users)},
              {"connections", fmt::format("{}", place.request.connections)},
              {"variant", place.request.variant}};
  ports::ContainerSpec spec = service_spec(rig, place, service);
  spec.env = filled(service.run.env, words);
  for (const std::string& secret : service.run.secrets) spec.env[secret] = words[secret] = new_secret(rig);
  auto id = rig.host.engine().create_container(spec);
  if (!id) return fail(std::move(id.error()), "creating its container");
  ServiceContainer started(rig, service, ContainerGuard(rig.host.engine(), std::move(*id)));
  if (auto done = rig.host.engine().start_container(started.container_.id()); !done)
    return fail(std::move(done.error()), "starting its container");
  if (auto ready = started.await_ready(stop); !ready) return fail(std::move(ready.error()));
  auto status = rig.host.engine().inspect_container(started.container_.id());
  if (!status) return fail(std::move(status.error()), "inspecting its container");
  if (status->address.empty()) return fail(ErrorCode::unavailable, "it has no address on the run's network");
  words["address"] = status->address;
  started.private_words_ = {service.name, status->address};
  for (const std::string& secret : service.run.secrets) started.private_words_.push_back(words[secret]);
  started.cpus_ = static_cast<int>(place.cpus.size());
  started.beside_loader_ = place.beside_loader;
  started.app_env_ = filled(service.app_env, words);
  return started;
}

Status ServiceContainer::await_ready(const std::stop_token& stop) const {
  const MonotonicTime deadline = rig_.host.clock().now() + service_.ready.timeout;
  while (true) {
    const Nanos left = deadline - rig_.host.clock().now();
    const auto outcome = rig_.host.engine().exec(container_.id(), service_.ready.command, left, stop);
    if (succeeded(outcome)) return {};
    const bool late = rig_.host.clock().now() + kReadyPoll >= deadline;
    if (late || (!outcome && is_final(outcome.error())))
      return fail(why_not(fmt::format("not ready within {}", format_duration(service_.ready.timeout)), outcome));
    if (wait_for(rig_.host.clock(), kReadyPoll, stop) == WaitOutcome::stopped)
      return fail(ErrorCode::cancelled, "cancelled");
  }
}

Result<Nanos> ServiceContainer::reset(const std::stop_token& stop) const {
  const MonotonicTime begin = rig_.host.clock().now();
  const auto outcome = rig_.host.engine().exec(container_.id(), service_.reset.command, service_.reset.timeout, stop);
  if (!succeeded(outcome)) return fail(why_not("the reset failed", outcome));
  return rig_.host.clock().now() - begin;
}

Result<std::string> ServiceContainer::call(const model::ServiceCommand& command,
                                           const std::vector<std::string>& arguments,
                                           const std::stop_token& stop) const {
  std::vector<std::string> words = command.command;
  words.insert(words.end(), arguments.begin(), arguments.end());
  auto outcome = rig_.host.engine().exec(container_.id(), words, command.timeout, stop);
  if (!succeeded(outcome)) return fail(why_not(fmt::format("{}", fmt::join(command.command, " ")), outcome));
  return std::move(outcome->output);
}

Result<std::unique_ptr<ports::Sampling>> ServiceContainer::sample(Nanos period) const {
  const auto status = rig_.host.engine().inspect_container(container_.id());
  if (!status) return fail(status.error(), "inspecting its container");
  return rig_.host.sampler().start(status->pid, period);
}

Status ServiceContainer::running() const {
  const auto status = rig_.host.engine().inspect_container(container_.id());
  if (!status && status.error().code == ErrorCode::not_found)
    return fail(ErrorCode::conflict, "its container was removed by somebody else");
  if (!status || status->state == "running") return {};
  const auto log = rig_.host.engine().container_log(container_.id(), kLogLimit);
  const std::string because = status->oom_killed ? " (killed for memory)" : "";
  return fail(ErrorCode::conflict, fmt::format("it ended with exit code {}{}; its last output: {}", status->exit_code,
                                               because, visible(trim(log.value_or("")), kShownOutput)));
}

Error ServiceContainer::why_not(const std::string& what, const Result<ports::ExecOutcome>& outcome) const {
  if (!outcome && (outcome.error().code == ErrorCode::cancelled || outcome.error().code == ErrorCode::unavailable))
    return outcome.error();
  if (auto running_still = running(); !running_still) return std::move(running_still.error());
  if (!outcome) return {outcome.error().code, fmt::format("{}: {}", what, outcome.error().message)};
  return {ErrorCode::internal,
          fmt::format("{}: exit code {}: {}", what, outcome->exit_code, visible(trim(outcome->output), kShownOutput))};
}

}  // namespace dyno::run
