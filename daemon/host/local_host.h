// The machine that the daemon itself runs on: the engine behind a unix socket, dyno-load and dyno-exec in a folder, the kernel's
// files. Thread-safe.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "cgroup/cgroup_sampler.h"
#include "docker/docker_engine.h"
#include "load/dyno_load_driver.h"
#include "ports/host.h"

namespace dyno::host {

class LocalHost final : public ports::Host {
 public:
  // not_found: a program is missing in `runner_dir`. The engine need not answer yet. The CPUs that the caller may use now are
  // those of the host from then on.
  static Result<std::unique_ptr<LocalHost>> open(const std::string& engine_socket, const std::string& runner_dir);

  Clock& clock() override { return clock_; }
  ports::ContainerEngine& engine() override { return engine_; }
  ports::LoadDriver& load() override { return load_; }
  ports::Sampler& sampler() override { return sampler_; }
  const std::string& exec_path() const override { return exec_path_; }
  Result<std::string> exec_hash() const override;
  model::Topology topology() const override;
  std::vector<model::Fact> facts() const override;
  Result<Nanos> control_work(int cpu) const override;
  Nanos own_cpu() const override;
  Status keep_off(const std::vector<int>& cpus) override;

  // Of the kernel, since the machine was last started; empty where it cannot be read.
  static std::string boot_id();

 private:
  LocalHost(const std::string& engine_socket, const std::string& runner_dir);

  // Set once in the constructor.
  RealClock clock_;
  docker::DockerEngine engine_;
  load::DynoLoadDriver load_;
  cgroup::CgroupSampler sampler_;
  const std::string exec_path_;
  const std::vector<int> allowed_;
};

}  // namespace dyno::host
