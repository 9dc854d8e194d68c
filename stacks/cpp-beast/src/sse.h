#pragma once

// The subscriber's side of sse: an answer without an end.

#include "request.h"
#include "worker.h"

// GET /sse with a good topic; anything else is an ordinary request.
bool is_subscription(const Request& request);

Task<void> subscribe(Worker& worker, Request& request);
