#pragma once

// One connection: reads requests and answers them in order until either side ends it.

#include "net.h"
#include "worker.h"

Task<void> serve(Worker& worker, Stream stream);
