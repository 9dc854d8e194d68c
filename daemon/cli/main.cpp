#include <clocale>

#include "cli/cli.h"
#include "cli/watch.h"

int main(int argc, char** argv) {
  std::setlocale(LC_CTYPE, "C.UTF-8");  // widths of characters, wherever it runs
  const dyno::cli::Signals signals;
  return dyno::cli::run_cli(argc, argv);
}
