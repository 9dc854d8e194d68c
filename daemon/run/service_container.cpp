#include "run/service_container.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <system_error>

#include "base/file.h"
#include "base/id.h"
#include "base/quantity.h"
#include "base/sha256.h"
#include "base/text.h"

namespace dyno::run {
namespace {

constexpr Nanos kReadyPoll = std::chrono::milliseconds(50);
constexpr Bytes kServiceLog = kib(4);
constexpr std::size_t kShownOutput = 400;
constexpr Nanos kReadySlice = std::chrono::milliseconds(200);
constexpr Bytes kMostOfFiles = mib(64);  // held while the run goes on

std::map<std::string, std::string> filled(std::map<std::string, std::string> values,
                                          const std::map<std::string, std::string>& words) {
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
  spec.is_user_of_image = service.run.user.empty();
  spec.writable = service.run.writable;
  spec.cpuset = model::cpu_list(place.cpus);
  spec.memory = service.limits.memory;
  spec.pids = service.limits.pids;
  spec.open_files = service.limits.open_files;
  spec.tmp = service.limits.tmp;
  spec.shared_memory = service.shared_memory;
  for (const auto& folder : service.folders) spec.folders.push_back({folder.path, folder.size});
  std::vector<std::string> aliases;
  if (!place.alias.empty()) aliases.push_back(place.alias);
  spec.network = ports::JoinNetwork{place.network_id, std::move(aliases)};
  return spec;
}

// The place of a file, links resolved; an error for one that does not lie in the folder.
Result<std::string> path_inside(const std::string& folder, const std::string& file) {
  std::error_code error;
  const auto root = std::filesystem::canonical(folder, error);
  const auto path = error ? root : std::filesystem::canonical(root / file, error);
  if (error) return fail(ErrorCode::not_found, "cannot be read: " + error.message());
  const auto [at, rest] = std::mismatch(root.begin(), root.end(), path.begin(), path.end());
  if (at != root.end()) return fail(ErrorCode::invalid_argument, "lies outside of its folder");
  return path.string();
}

bool is_executable(const std::string& path) {
  std::error_code ignored;
  const auto rights = std::filesystem::status(path, ignored).permissions();
  return (rights & std::filesystem::perms::owner_exec) != std::filesystem::perms::none;
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
  ServiceContainer started(rig, service);
  started.words_ = {{"users", fmt::format("{}", place.request.users)},
                    {"connections", fmt::format("{}", place.request.connections)},
                    {"variant", place.request.variant},
                    {"host", host_name(service)},
                    {"port", fmt::format("{}", service.ready_port)}};
  started.spec_ = service_spec(rig, place, service);
  started.spec_.env = filled(service.run.env, started.words_);
  for (const std::string& secret : service.run.secrets)
    started.spec_.env[secret] = started.words_[secret] = new_secret(rig);
  started.cpus_ = place.cpus;
  started.beside_loader_ = place.beside_loader;
  if (auto read = started.read_files(); !read) return tl::unexpected<ServiceFailure>(std::move(read.error()));
  if (auto done = started.launch(stop); !done) return tl::unexpected<ServiceFailure>(std::move(done.error()));
  return started;
}

ServiceResult<void> ServiceContainer::read_files() {
  if (service_.files.empty()) return {};
  const auto image = rig_.host.engine().inspect_image(spec_.image_id);
  if (!image) return failed(image.error(), "inspecting its image");
  std::int64_t left = kMostOfFiles.value;
  for (const model::ServiceFile& file : service_.files) {
    const auto refused = [&](const std::string& why) {
      return failed(ServiceFault::failed, fmt::format("its file {} (files in its service.yaml) {}", file.from, why));
    };
    for (const std::string& volume : image->volumes) {
      if (file.to.starts_with(volume + "/"))
        return refused(fmt::format("would be hidden at {}: the image declares {} a volume", file.to, volume));
    }
    const auto path = path_inside(service_.folder, file.from);
    if (!path) return refused(path.error().message);
    auto bytes = read_file(*path, static_cast<std::size_t>(left));
    if (!bytes && bytes.error().fault == FileFault::too_large)
      return refused(fmt::format("makes them larger than {} together", format_bytes(kMostOfFiles)));
    if (!bytes) return refused("cannot be read: " + bytes.error().message);
    left -= static_cast<std::int64_t>(bytes->size());
    files_.push_back({file.to, std::move(*bytes), is_executable(*path)});
  }
  return {};
}

ServiceResult<void> ServiceContainer::launch(const std::stop_token& stop) {
  auto& engine = rig_.host.engine();
  auto id = engine.create_container(spec_);
  if (!id) return failed(id.error(), "creating its container");
  id_ = std::move(*id);
  container_.emplace(engine, id_);
  if (!files_.empty()) {
    if (auto copied = engine.copy_into(id_, files_); !copied)
      return failed(copied.error(), "its files (files in its service.yaml)");
  }
  if (auto done = engine.start_container(id_); !done) return failed(done.error(), "starting its container");
  if (auto ready = await_ready(stop); !ready) return ready;
  const auto status = engine.inspect_container(id_);
  if (!status) return failed(status.error(), "inspecting its container");
  if (status->address.empty()) return failed(ServiceFault::failed, "it has no address on the run's network");
  address_ = words_["address"] = status->address;
  private_words_ = {service_.name, address_};
  for (const std::string& secret : service_.run.secrets) private_words_.push_back(words_[secret]);
  app_env_ = filled(service_.app_env, words_);
  return {};
}

ServiceResult<void> ServiceContainer::restart(const std::stop_token& stop) {
  if (auto removed = rig_.host.engine().remove_container(id_); !removed)
    return failed(removed.error(), "removing its container for a new one");
  container_.reset();
  return launch(stop);
}

ServiceResult<void> ServiceContainer::await_ready(const std::stop_token& stop) const {
  return service_.ready.command.empty() ? await_port(stop) : await_command(stop);
}

ServiceResult<void> ServiceContainer::await_command(const std::stop_token& stop) const {
  const MonotonicTime deadline = rig_.host.clock().now() + service_.ready.timeout;
  while (true) {
    const Nanos left = deadline - rig_.host.clock().now();
    const auto outcome = rig_.host.engine().exec(id_, service_.ready.command, left, stop);
    if (succeeded(outcome)) return {};
    const bool late = rig_.host.clock().now() + kReadyPoll >= deadline;
    if (late || (!outcome && is_final(outcome.error())))
      return tl::unexpected<ServiceFailure>(
          why_not(fmt::format("not ready within {}", format_duration(service_.ready.timeout)), outcome));
    if (wait_for(rig_.host.clock(), kReadyPoll, stop) == WaitOutcome::stopped)
      return failed(ServiceFault::stopped, "cancelled");
  }
}

// Probed from its own network namespace, as the app is.
ServiceResult<void> ServiceContainer::await_port(const std::stop_token& stop) const {
  const MonotonicTime deadline = rig_.host.clock().now() + service_.ready.timeout;
  if (auto there = running(); !there) return there;
  const auto status = rig_.host.engine().inspect_container(id_);
  if (!status) return failed(status.error(), "inspecting its container");
  auto probe = rig_.host.load().start_probe({.target = {status->pid, status->address, service_.ready_port},
                                             .path = service_.ready_path,
                                             .deep_path = {},
                                             .cpus = cpus_});
  if (!probe) return failed(ServiceFault::failed, "asking whether it is ready: " + probe.error().message);
  while (true) {
    const auto outcome = (*probe)->await(std::min(deadline, rig_.host.clock().now() + kReadySlice), stop);
    if (stop.stop_requested()) return failed(ServiceFault::stopped, "cancelled");
    if (!outcome) return failed(ServiceFault::failed, "asking whether it is ready: " + outcome.error().message);
    if (outcome->good) return {};
    if (auto still = running(); !still) return still;
    if (rig_.host.clock().now() < deadline) continue;
    const std::string asked =
        service_.ready_path.empty() ? "" : fmt::format(" and answered {} with 2xx", service_.ready_path);
    const std::string last = outcome->last_status > 0 ? fmt::format("last answer: status {}", outcome->last_status)
                                                      : "last attempt: " + outcome->last_error;
    const auto log = rig_.host.engine().container_log(id_, kServiceLog);
    return failed(ServiceFault::failed,
                  fmt::format("not ready within {}: nothing took a connection on port {}{} (ready in its "
                              "service.yaml); {}; its last output: {}",
                              format_duration(service_.ready.timeout), service_.ready_port, asked, last,
                              visible(trim(log.value_or("")), kShownOutput)));
  }
}

ServiceResult<Nanos> ServiceContainer::reset(const std::stop_token& stop) {
  const MonotonicTime begin = rig_.host.clock().now();
  switch (service_.reset_by) {
    case model::ResetBy::none:
      if (auto still = running(); !still) return tl::unexpected<ServiceFailure>(std::move(still.error()));
      break;
    case model::ResetBy::restart:
      if (auto done = restart(stop); !done) return tl::unexpected<ServiceFailure>(std::move(done.error()));
      break;
    case model::ResetBy::command: {
      const auto outcome = rig_.host.engine().exec(id_, service_.reset.command, service_.reset.timeout, stop);
      if (!succeeded(outcome)) return tl::unexpected<ServiceFailure>(why_not("the reset failed", outcome));
      break;
    }
  }
  return rig_.host.clock().now() - begin;
}

ServiceResult<std::string> ServiceContainer::call(const model::ServiceCommand& command,
                                                  const std::vector<std::string>& arguments,
                                                  const std::stop_token& stop) const {
  std::vector<std::string> words = command.command;
  words.insert(words.end(), arguments.begin(), arguments.end());
  auto outcome = rig_.host.engine().exec(id_, words, command.timeout, stop);
  if (!succeeded(outcome))
    return tl::unexpected<ServiceFailure>(why_not(fmt::format("{}", fmt::join(command.command, " ")), outcome));
  return std::move(outcome->output);
}

ServiceResult<std::unique_ptr<ports::Sampling>> ServiceContainer::sample(Nanos period) const {
  const auto status = rig_.host.engine().inspect_container(id_);
  if (!status) return failed(status.error(), "inspecting its container");
  auto sampling = rig_.host.sampler().start(status->pid, period);
  if (!sampling) return failed(ServiceFault::failed, "sampling it: " + sampling.error().message);
  return std::move(*sampling);
}

ServiceResult<void> ServiceContainer::running() const {
  const auto status = rig_.host.engine().inspect_container(id_);
  if (!status && ports::fault_of(status.error()) == ports::EngineFault::missing)
    return failed(ServiceFault::ended, "its container was removed by somebody else");
  if (!status || status->state == "running") return {};
  const auto log = rig_.host.engine().container_log(id_, kServiceLog);
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
