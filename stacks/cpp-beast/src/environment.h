#pragma once

// Numbers from the environment of the run.

int environment_int(const char* name, int fallback);
