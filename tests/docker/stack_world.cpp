#include "docker/stack_world.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>

#include "base/id.h"
#include "docker/engine_socket.h"
#include "run/images.h"
#include "run/verification.h"

namespace dyno::tests {
namespace {

namespace fs = std::filesystem;

const std::string kBin = DYNO_BIN_DIR;
// Enough for each stack's own pool; the profile's figure.
constexpr int kConnections = 20;

}  // namespace

stackfile::Catalog read_catalog(const std::string& stacks_folder) {
  const fs::path root = DYNO_SOURCE_DIR;
  return stackfile::load_catalog({.stacks = {root / stacks_folder},
                                  .profiles = root / "stacks/profiles",
                                  .schedules = {},
                                  .services = root / "compose"});
}

StackWorld::StackWorld(std::vector<model::Service> services)
    : services_(std::move(services)), run_id_(new_id(clock_.wall_now())) {
  const auto socket = engine_socket();
  if (!socket) {
    engine_error_ = socket.error().message;
    return;
  }
  auto host = host::LocalHost::open(*socket, kBin);
  if (!host) {
    engine_error_ = host.error().message;
    return;
  }
  host_ = std::move(*host);
  if (const auto described = host_->engine().describe(); !described) {
    engine_error_ = "no Docker engine to test with: " + described.error().message;
    return;
  }
  rig_ =
      std::make_unique<run::Rig>(run::Rig{.host = *host_, .journal = journal_, .instance = new_id(clock_.wall_now())});
}

StackWorld::~StackWorld() {
  app_.reset();
  sandbox_.reset();
  running_services_.clear();
  network_.reset();
  if (!rig_) return;
  const auto left = run::sweep_leftovers(host_->engine(), rig_->instance);
  EXPECT_TRUE(left) << left.error().message;
  if (!left) return;
  EXPECT_TRUE(left->removed.empty()) << fmt::format("left behind: {}", fmt::join(left->removed, ", "));
  EXPECT_TRUE(left->stuck.empty());
}

std::vector<int> StackWorld::cpus() const {
  std::vector<int> all;
  for (const auto& cpu : host_->topology().cpus) all.push_back(cpu.id);
  return all;
}

std::string StackWorld::why_not(const model::Stack& stack) {
  if (!rig_) return engine_error_;
  for (const auto& base : stack.build.base) {
    if (!host_->engine().inspect_image(base.image) && !host_->engine().inspect_image(base.stand_in))
      return fmt::format("NO BASE IMAGE: neither {} nor {} is there, run make setup; {} is not tested", base.image,
                         base.stand_in, stack.name);
  }
  return {};
}

std::optional<std::string> StackWorld::build(const model::Stack& stack) {
  const auto prepared = run::prepare_image(host_->engine(), stack, {}, {});
  EXPECT_TRUE(prepared) << prepared.error().message;
  if (!prepared) return std::nullopt;
  EXPECT_EQ(prepared->failure, "");
  if (!prepared->failure.empty()) return std::nullopt;
  return prepared->image_id;
}

std::string StackWorld::start_services(const model::Stack& stack) {
  if (!network_) {
    auto network = host_->engine().create_network(run::object_name(*rig_, run_id_, "net"),
                                                  run::run_labels(*rig_, run_id_, "network"));
    if (!network) return network.error().message;
    network_.emplace(host_->engine(), std::move(*network));
  }
  for (const auto& service : services_) {
    if (!stack.services.contains(service.name)) continue;
    const auto same = std::find_if(running_services_.begin(), running_services_.end(),
                                   [&](const auto& running) { return running.name() == service.name; });
    if (same != running_services_.end()) {
      if (auto reset = same->reset({}); !reset) return service.name + ": " + reset.error().message;
      continue;
    }
    const auto image = run::prepare_service_image(host_->engine(), service, {}, {});
    if (!image) return service.name + ": " + image.error().message;
    run::ServicePlace place{.run_id = run_id_,
                            .image_id = image->id,
                            .network_id = network_->id(),
                            .cpus = cpus(),
                            .beside_loader = true,
                            .request = {.connections = kConnections}};
    auto started = run::ServiceContainer::start(*rig_, place, service, {});
    if (!started) return service.name + ": " + started.error().message;
    running_services_.push_back(std::move(*started));
  }
  return {};
}

std::string StackWorld::start(const model::Stack& stack, model::Mode mode, const std::string& image_id) {
  app_.reset();
  sandbox_.reset();
  if (auto failed = start_services(stack); !failed.empty()) return failed;
  case_ = model::Case{.name = stack.name, .stack = stack, .mode = mode};
  // Nothing is timed here, so the stack and those who ask it may share all CPUs.
  const model::Placement placement{.app_cpus = cpus(), .load_cpus = cpus(), .co_located = true};
  const auto sandbox_image = run::prepare_sandbox_image(*rig_);
  if (!sandbox_image) return sandbox_image.error().message;
  const std::string number = fmt::format("t{}", ++starts_);
  auto sandbox = run::Sandbox::start(
      *rig_, {run_id_, number + "-sandbox", *sandbox_image, network_->id(), model::cpu_list(placement.load_cpus)});
  if (!sandbox) return sandbox.error().message;
  sandbox_.emplace(std::move(*sandbox));
  auto probe = host_->load().start_probe({.target = sandbox_->target(stack.run.port),
                                          .path = stack.readiness.path,
                                          .deep_path = stack.readiness.deep_path,
                                          .cpus = placement.load_cpus});
  if (!probe) return probe.error().message;
  run::AppPlace place{run_id_, number + "-app", image_id, sandbox_->container_id(), {}};
  for (const auto& service : running_services_) {
    if (stack.services.contains(service.name()))
      place.service_env.insert(service.app_env().begin(), service.app_env().end());
  }
  auto id = host_->engine().create_container(run::app_spec(*rig_, place, case_, placement));
  if (!id) return id.error().message;
  app_.emplace(host_->engine(), std::move(*id));
  if (auto started = host_->engine().start_container(app_->id()); !started) return started.error().message;
  const MonotonicTime deadline = clock_.now() + stack.readiness.timeout;
  auto outcome = (*probe)->await(deadline, {});
  if (outcome && outcome->good && !stack.readiness.deep_path.empty()) outcome = (*probe)->await(deadline, {});
  if (!outcome) return outcome.error().message;
  if (outcome->good && (outcome->deep || stack.readiness.deep_path.empty())) return {};
  return fmt::format("not ready within {} s; last status {}, last error {}; it said: {}",
                     std::chrono::duration_cast<std::chrono::seconds>(stack.readiness.timeout).count(),
                     outcome->last_status, outcome->last_error, last_output());
}

std::string StackWorld::verify(std::vector<std::string> workloads) {
  run::VerificationRequest request{.stack = case_.stack};
  request.target = sandbox_->target(case_.stack.run.port);
  request.workloads = {workloads.begin(), workloads.end()};
  request.seed = static_cast<std::uint64_t>(to_ns(clock_.now()));
  const auto right = run::verify_stack(*rig_, request, {});
  return right ? "" : right.error().reason;
}

std::string StackWorld::host() const {
  const auto target = sandbox_->target(case_.stack.run.port);
  return fmt::format("{}:{}", target.address, target.port);
}

std::vector<std::string> StackWorld::failures(const std::vector<contract::Check>& checks) {
  std::vector<std::string> found;
  for (const auto& check : checks) {
    std::vector<ports::ExchangeOutcome> outcomes;
    // One call of the driver for each stretch without a wait, as in a run.
    for (std::size_t at = 0; at < check.steps.size();) {
      wait_for(clock_, check.steps[at].wait_before, {});
      std::vector<ports::Exchange> stretch{check.steps[at++].exchange};
      while (at < check.steps.size() && check.steps[at].wait_before.count() == 0)
        stretch.push_back(check.steps[at++].exchange);
      const auto made = host_->load().exchange(sandbox_->target(case_.stack.run.port), stretch, {});
      EXPECT_TRUE(made) << made.error().message;
      if (made) outcomes.insert(outcomes.end(), made->begin(), made->end());
    }
    const auto judgement = contract::judge(check, outcomes);
    if (judgement.failure) found.push_back(contract::describe(*judgement.failure));
  }
  return found;
}

std::string StackWorld::stop() {
  const auto stopped = host_->engine().stop_container(app_->id(), case_.stack.run.stop_grace);
  if (!stopped) return stopped.error().message;
  if (stopped->forced) return "SIGTERM did not end it in time";
  if (stopped->exit_code != 0) return fmt::format("exit code {} after SIGTERM", stopped->exit_code);
  return {};
}

void StackWorld::forget(const std::string& image_id) {
  app_.reset();
  const Status removed = host_->engine().remove_image(image_id);
  EXPECT_TRUE(removed) << removed.error().message;
}

std::string StackWorld::last_output() {
  if (!app_) return {};
  return host_->engine().container_log(app_->id(), kib(4)).value_or("");
}

}  // namespace dyno::tests
