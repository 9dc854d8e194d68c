// The composition: builds every part in order, hands each what it needs, and ends them in the opposite order. Decides nothing.
// Used by main's thread; the parts have their own.
#pragma once

#include <memory>

#include "app/config.h"
#include "base/result.h"

namespace dyno::app {

class App {
 public:
  // Takes the data directory's lock (conflict: another daemon has it), opens the database, settles what the last life left,
  // sweeps the engine, serves the API and fires schedules from then on.
  static Result<std::unique_ptr<App>> start(const Config& config);
  // Interrupts the run under way, cleans up, and returns when everything has ended; at most about 15 s.
  ~App();

 private:
  class Parts;
  explicit App(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace dyno::app
