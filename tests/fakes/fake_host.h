// A machine of fakes: the seams it was given, and a topology, facts and control work that the test says. Records what the daemon
// was kept off. Thread-safe where its parts are; the test's side belongs to the test's thread.
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "ports/host.h"

namespace dyno::fakes {

// So many CPUs, each a core of its own in one package: what a small virtual machine shows.
model::Topology flat_topology(int cpus);

class FakeHost final : public ports::Host {
 public:
  FakeHost(Clock& clock, ports::ContainerEngine& engine, ports::LoadDriver& load, ports::Sampler& sampler)
      : clock_(clock), engine_(engine), load_(load), sampler_(sampler) {}

  Clock& clock() override { return clock_; }
  ports::ContainerEngine& engine() override { return engine_; }
  ports::LoadDriver& load() override { return load_; }
  ports::Sampler& sampler() override { return sampler_; }
  const std::string& exec_path() const override { return exec_path_; }
  Result<std::string> exec_hash() const override;
  model::Topology topology() const override { return topology_; }
  std::vector<model::Fact> facts() const override { return facts_; }
  Result<Nanos> control_work(int cpu) const override;
  Nanos own_cpu() const override { return Nanos(0); }
  Status keep_off(const std::vector<int>& cpus) override;

  // ---- the test's side ----
  // What the program hashes to, read after read; the last for good.
  void exec_hashes(std::vector<std::string> hashes) {
    exec_hashes_ = std::move(hashes);
    hashed_ = 0;
  }
  void topology(model::Topology topology) { topology_ = std::move(topology); }
  void facts(std::vector<model::Fact> facts) { facts_ = std::move(facts); }
  void control(std::function<Result<Nanos>(int cpu)> work) { control_ = std::move(work); }
  void fail_keep_off(Error error) { keep_off_error_ = std::move(error); }
  const std::vector<std::vector<int>>& kept_off() const { return kept_off_; }  // every call, in order

 private:
  Clock& clock_;
  ports::ContainerEngine& engine_;
  ports::LoadDriver& load_;
  ports::Sampler& sampler_;
  const std::string exec_path_ = "/opt/dyno-exec";
  std::vector<std::string> exec_hashes_{std::string(64, 'a')};
  mutable std::size_t hashed_ = 0;
  model::Topology topology_ = flat_topology(2);
  std::vector<model::Fact> facts_;
  std::function<Result<Nanos>(int cpu)> control_;
  std::optional<Error> keep_off_error_;
  std::vector<std::vector<int>> kept_off_;
};

}  // namespace dyno::fakes
