// The command line of dyno: commands, options, and the function that each command calls. One thread.
#pragma once

namespace dyno::cli {

// The exit code. Data on stdout, everything else on stderr.
int run_cli(int argc, char** argv);

}  // namespace dyno::cli
