#include "run/service_container.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/id.h"
#include "base/quantity.h"
#include "base/sha256.h"
#include "base/text.h"

namespace dyno::run {
namespace {

using Words = std::map<std::string, std::string>;  // {word} → what it stands for

constexpr Nanos kReadyPoll = std::chrono::milliseconds(50);
constexpr Bytes kServiceLog = kib(4);
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
bool is_final(const Error& error) { return ports::fault_of(error) != ports::EngineFault::failed; }

tl::unexpected<ServiceFailure> failed(ServiceFault fault, std::string message) {
  return tl::unexpected<ServiceFailure>({fault, std::move(message)});
}

tl::unexpected<ServiceFailure> failed(const Error& error, std::string_view what) {
  const auto fault = ports::fault_of(error);
  return failed(fault == ports::EngineFault::gone      ? ServiceFault::engine_gone
                : fault == ports::EngineFault::stopped ? ServiceFault::stopped
                                                       : ServiceFault::failed,
                fmt::format("{}: {}", what, error.message));
}

}  // namespace

ServiceResult<ServiceContainer> ServiceContainer::start(const Rig& rig, const ServicePlace& place,
                                                        const model::Service& service, const std::stop_token& stop) {
  Words words{{"users", fmt::format("{}", place.request.users)},
              {"connections", fmt::format("{}", place.request.connections)},
              {"variant", place.request.variant}};
  ports::ContainerSpec spec = service_spec(rig, place, service);
  spec.env = filled(service.run.env, words);
  for (const std::string& secret : service.run.secrets) spec.env[secret] = words[secret] = new_secret(rig);
  auto id = rig.host.engine().create_container(spec);
  if (!id) return failed(id.error(), "creating its container");
  ServiceContainer started(rig, service, ContainerGuard(rig.host.engine(), std::move(*id)));
  if (auto done = rig.host.engine().start_container(started.container_.id()); !done)
    return failed(done.error(), "starting its container");
  if (auto ready = started.await_ready(stop); !ready) return tl::unexpected<ServiceFailure>(std::move(ready.error()));
  auto status = rig.host.engine().inspect_container(started.container_.id());
  if (!status) return failed(status.error(), "inspecting its container");
  if (status->address.empty()) return failed(ServiceFault::failed, "it has no address on the run's network");
  words["address"] = status->address;
  started.private_words_ = {service.name, status->address};
  for (const std::string& secret : service.run.secrets) started.private_words_.push_back(words[secret]);
  started.cpus_ = static_cast<int>(place.cpus.size());
  started.beside_loader_ = place.beside_loader;
  started.app_env_ = filled(service.app_env, words);
  return started;
}

ServiceResult<void> ServiceContainer::await_ready(const std::stop_token& stop) const {
  const MonotonicTime deadline = rig_.host.clock().now() + service_.ready.timeout;
  while (true) {
    const Nanos left = deadline - rig_.host.clock().now();
    const auto outcome = rig_.host.engine().exec(container_.id(), service_.ready.command, left, stop);
    if (succeeded(outcome)) return {};
    const bool late = rig_.host.clock().now() + kReadyPoll >= deadline;
    if (late || (!outcome && is_final(outcome.error())))
      return tl::unexpected<ServiceFailure>(
          why_not(fmt::format("not ready within {}", format_duration(service_.ready.timeout)), outcome));
    if (wait_for(rig_.host.clock(), kReadyPoll, stop) == WaitOutcome::stopped)
      return failed(ServiceFault::stopped, "cancelled");
  }
}

ServiceResult<Nanos> ServiceContainer::reset(const std::stop_token& stop) const {
  const MonotonicTime begin = rig_.host.clock().now();
  const auto outcome = rig_.host.engine().exec(container_.id(), service_.reset.command, service_.reset.timeout, stop);
  if (!succeeded(outcome)) return tl::unexpected<ServiceFailure>(why_not("the reset failed", outcome));
  return rig_.host.clock().now() - begin;
}

ServiceResult<std::string> ServiceContainer::call(const model::ServiceCommand& command,
                                                  const std::vector<std::string>& arguments,
                                                  const std::stop_token& stop) const {
  std::vector<std::string> words = command.command;
  words.insert(words.end(), arguments.begin(), arguments.end());
  auto outcome = rig_.host.engine().exec(container_.id(), words, command.timeout, stop);
  if (!succeeded(outcome))
    return tl::unexpected<ServiceFailure>(why_not(fmt::format("{}", fmt::join(command.command, " ")), outcome));
  return std::move(outcome->output);
}

ServiceResult<std::unique_ptr<ports::Sampling>> ServiceContainer::sample(Nanos period) const {
  const auto status = rig_.host.engine().inspect_container(container_.id());
  if (!status) return failed(status.error(), "inspecting its container");
  auto sampling = rig_.host.sampler().start(status->pid, period);
  if (!sampling) return failed(ServiceFault::failed, "sampling it: " + sampling.error().message);
  return std::move(*sampling);
}

ServiceResult<void> ServiceContainer::running() const {
  const auto status = rig_.host.engine().inspect_container(container_.id());
  if (!status && ports::fault_of(status.error()) == ports::EngineFault::missing)
    return failed(ServiceFault::ended, "its container was removed by somebody else");
  if (!status || status->state == "running") return {};
  const auto log = rig_.host.engine().container_log(container_.id(), kServiceLog);
  const std::string because = status->oom_killed ? " (killed for memory)" : "";
  // It ends never by itself in good order: somebody stopped it, and that is the engine, when it is started again.
  return failed(ports::was_stopped(*status) ? ServiceFault::engine_gone : ServiceFault::ended,
                fmt::format("it ended with exit code {}{}; its last output: {}", status->exit_code, because,
                            visible(trim(log.value_or("")), kShownOutput)));
}

ServiceFailure ServiceContainer::why_not(const std::string& what, const Result<ports::ExecOutcome>& outcome) const {
  if (!outcome) {
    const auto fault = ports::fault_of(outcome.error());
    if (fault == ports::EngineFault::gone) return {ServiceFault::engine_gone, outcome.error().message};
    if (fault == ports::EngineFault::stopped) return {ServiceFault::stopped, outcome.error().message};
  }
  if (auto running_still = running(); !running_still) return std::move(running_still.error());
  if (!outcome) return {ServiceFault::failed, fmt::format("{}: {}", what, outcome.error().message)};
  return {ServiceFault::failed,
          fmt::format("{}: exit code {}: {}", what, outcome->exit_code, visible(trim(outcome->output), kShownOutput))};
}

}  // namespace dyno::run
