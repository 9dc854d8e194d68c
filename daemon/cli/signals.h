// Counts Ctrl-C and SIGTERM instead of ending the program. Process-wide: one object in main.
#pragma once

namespace dyno::cli {

class Signals {
 public:
  Signals();

  static int interrupts();  // Ctrl-C so far
  static bool terminated();
};

}  // namespace dyno::cli
