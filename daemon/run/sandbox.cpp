#include "run/sandbox.h"

#include <fmt/format.h>

#include "base/text.h"

namespace dyno::run {
namespace {

constexpr std::string_view kShimPath = "/.stackdyno/dyno-exec";
constexpr std::string_view kStamp = "stackdyno-exec monotonic_ns=";

// One of somebody's own is told its port and its CPUs, and otherwise runs as it does elsewhere.
// Stacks size themselves from BENCH_CPUS only: what a runtime finds out by itself differs between runtimes and versions.
std::map<std::string, std::string> app_environment(const model::Case& the_case, const model::Placement& placement) {
  std::map<std::string, std::string> env = the_case.stack.run.env;
  const std::string cpus = fmt::format("{}", placement.app_cpus.size());
  const std::string port = fmt::format("{}", the_case.stack.run.port);
  if (is_own(the_case.stack)) env.try_emplace("PORT", port);
  else env["PORT"] = port;
  env["BENCH_CPUS"] = cpus;
  if (is_own(the_case.stack)) return env;
  env["GOMAXPROCS"] = cpus;
  env["WEB_CONCURRENCY"] = the_case.mode == model::Mode::scaled ? cpus : "1";
  return env;
}

}  // namespace

Result<Sandbox> Sandbox::start(const Rig& rig, const SandboxPlace& place) {
  const MonotonicTime begin = rig.host.clock().now();
  ports::ContainerSpec spec;
  spec.name = object_name(rig, place.run_id, place.name);
  spec.image_id = place.image_id;
  spec.entrypoint = {"/dyno-exec"};
  spec.command = {"pause"};
  spec.labels = run_labels(rig, place.run_id, "sandbox");
  spec.user = "65532:65532";
  spec.cpuset = place.cpuset;
  spec.memory = mib(32);
  spec.pids = 16;
  spec.tmp = mib(1);
  spec.network = ports::JoinNetwork{place.network_id};
  spec.hosts = place.hosts;
  auto id = rig.host.engine().create_container(spec);
  if (!id) return fail(std::move(id.error()), "creating the sandbox");
  ContainerGuard container(rig.host.engine(), std::move(*id));
  if (auto started = rig.host.engine().start_container(container.id()); !started)
    return fail(std::move(started.error()), "starting the sandbox");
  auto status = rig.host.engine().inspect_container(container.id());
  if (!status) return fail(std::move(status.error()), "inspecting the sandbox");
  if (status->pid <= 0 || status->address.empty()) {
    return fail(ErrorCode::internal,
                fmt::format("the sandbox is {} without an address: {}", status->state, status->error));
  }
  return Sandbox(std::move(container), status->address, status->pid, rig.host.clock().now() - begin);
}

ports::LoadTarget Sandbox::target(int port) const { return {.netns_pid = pid_, .address = address_, .port = port}; }

ports::ContainerSpec app_spec(const Rig& rig, const AppPlace& place, const model::Case& the_case,
                              const model::Placement& placement) {
  const model::Stack& stack = the_case.stack;
  ports::ContainerSpec spec;
  spec.name = object_name(rig, place.run_id, place.name);
  spec.image_id = place.image_id;
  spec.entrypoint = {std::string(kShimPath)};
  spec.command = the_case.mode == model::Mode::scaled ? stack.run.command_scaled : stack.run.command;
  for (const auto& command : {stack.run.command, stack.run.command_scaled}) {
    if (!command.empty()) spec.programs.push_back(command.front());
  }
  spec.env = app_environment(the_case, placement);
  for (const auto& [name, value] : place.service_env) spec.env[name] = value;
  spec.labels = run_labels(rig, place.run_id, "app");
  spec.is_user_of_image = stack.run.user == model::kUserOfImage;
  if (!spec.is_user_of_image) spec.user = fmt::format("{0}:{0}", stack.run.user);
  spec.writable = stack.run.writable;
  for (const auto& folder : stack.run.folders) spec.folders.push_back({folder.path, folder.size});
  spec.cpuset = model::cpu_list(placement.app_cpus);
  spec.memory = stack.limits.memory;
  spec.pids = stack.limits.pids;
  spec.open_files = stack.limits.open_files;
  spec.tmp = stack.limits.tmp;
  spec.stop_signal = stack.run.stop_signal;
  spec.network = ports::JoinContainer{place.sandbox_id};
  spec.files = {{rig.host.exec_path(), std::string(kShimPath)}};
  return spec;
}

ExecStamp exec_stamp(std::string_view sandbox_log) {
  const std::size_t at = sandbox_log.find(kStamp);
  if (at == std::string_view::npos) return {};
  const std::string_view rest = sandbox_log.substr(at + kStamp.size());
  if (rest.find(kStamp) != std::string_view::npos) return {{}, "the sandbox was told two process starts"};
  const auto ns = parse_int(rest.substr(0, rest.find('\n')));
  if (!ns) return {{}, "the sandbox was told no time of the process start"};
  return {monotonic_from_ns(*ns), {}};
}

}  // namespace dyno::run
