#pragma once

// The echo over a WebSocket.

#include "request.h"

bool is_echo(const Request& request);

// Until either side closes.
Task<void> echo(Request& request);
