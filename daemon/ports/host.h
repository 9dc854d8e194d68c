// The seam to one machine that is measured on: everything of it stands behind this type, so that it could be another machine than
// the daemon's. Implemented by host/, a FakeHost stands in tests/fakes. Thread-safe; what it hands out lives as long as it does.
#pragma once

#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "base/units.h"
#include "model/environment.h"
#include "model/topology.h"
#include "ports/container_engine.h"
#include "ports/load_driver.h"
#include "ports/sampler.h"

namespace dyno::ports {

class Host {
 public:
  virtual ~Host() = default;

  virtual Clock& clock() = 0;  // all times of its engine, loader and sampler are of this clock
  virtual ContainerEngine& engine() = 0;
  virtual LoadDriver& load() = 0;
  virtual Sampler& sampler() = 0;
  virtual const std::string& exec_path() const = 0;   // dyno-exec, as the engine of the host finds it
  virtual Result<std::string> exec_hash() const = 0;  // SHA-256 of its bytes of now

  virtual model::Topology topology() const = 0;           // of now; no CPU when it cannot be read
  virtual std::vector<model::Fact> facts() const = 0;     // of now; what cannot be read is left out
  virtual Result<Nanos> control_work(int cpu) const = 0;  // CPU time of fixed work on that CPU now
  virtual Nanos own_cpu() const = 0;                      // CPU time that the daemon has used there so far

  // Keeps every thread of the daemon, and what it starts from then on, off these CPUs; none: it may use all of them again. At
  // least one other CPU has to be left.
  virtual Status keep_off(const std::vector<int>& cpus) = 0;
};

}  // namespace dyno::ports
