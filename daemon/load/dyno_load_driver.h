// The LoadDriver that starts dyno-load, one process a probe, exchange or phase, and speaks its protocol. Keeps nothing between
// calls. Thread-safe. A call that ends early, for any reason, ends its process.
#pragma once

#include <string>

#include "base/clock.h"
#include "ports/load_driver.h"

namespace dyno::load {

class DynoLoadDriver final : public ports::LoadDriver {
 public:
  // `program` is the path of dyno-load; the clock must be that of this machine and outlive the driver and its probes.
  DynoLoadDriver(std::string program, Clock& clock) : program_(std::move(program)), clock_(clock) {}

  Result<std::unique_ptr<ports::Probe>> start_probe(const ports::ProbeSpec& spec) override;
  Result<std::vector<ports::ExchangeOutcome>> exchange(const ports::LoadTarget& target,
                                                       const std::vector<ports::Exchange>& exchanges,
                                                       std::stop_token stop) override;
  tl::expected<ports::LoadOutcome, ports::LoadFailure> run_phase(const ports::LoadSpec& spec,
                                                                 const ports::LoadListener& listener,
                                                                 std::stop_token stop) override;

 private:
  Result<ports::LoadOutcome> try_phase(const ports::LoadSpec& spec, const ports::LoadListener& listener,
                                       const std::stop_token& stop);

  const std::string program_;
  Clock& clock_;
};

}  // namespace dyno::load
