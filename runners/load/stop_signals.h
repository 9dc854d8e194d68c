// SIGINT and SIGTERM while a load runs for a person: the first asks for the window's end and the report, the second ends the program
// at once. Process-wide; called on the main thread.
#pragma once

namespace dyno::loadgen {

void catch_stop_signals();
// The signal that came; 0: none.
int stop_signal();

}  // namespace dyno::loadgen
