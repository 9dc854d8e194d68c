// The command line of dyno: its tree of commands and options, and which function each one calls. One thread.
#pragma once

namespace dyno::cli {

// The exit code. Data on stdout, everything else on stderr.
int run_cli(int argc, char** argv);

}  // namespace dyno::cli
