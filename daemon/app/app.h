// The daemon as main sees it: started, and ended. Used by main's thread; its parts have their own.
#pragma once

#include <memory>

#include "app/config.h"
#include "base/result.h"

namespace dyno::app {

class Boot;

class App {
 public:
  // Takes the data directory's lock and the port (conflict: another daemon has it), opens the database, settles what the last
  // life left, and returns; then sweeps the engine, and takes work from there on.
  static Result<std::unique_ptr<App>> start(const Config& config);
  // Interrupts the run under way, cleans up, and returns when everything has ended; at most about 15 s.
  ~App();

 private:
  explicit App(std::unique_ptr<Boot> boot);
  std::unique_ptr<Boot> boot_;
};

}  // namespace dyno::app
