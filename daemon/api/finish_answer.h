// The last step of every answer before it is written, the one place for it: the content coding that the client takes, the ETag
// of what is sent, and 304 where the client has it. Reads and changes the answer only; thread-safe, holds no lock.
#pragma once

#include "api/request.h"
#include "api/response.h"

namespace dyno::api {

// Below this a coding saves less than the headers that it costs.
constexpr std::size_t kLeastPackedBytes = 1024;

// An event stream is left as it is: packed, its events would wait for each other. So is what comes packed already, such as a
// file of the dashboard's build. 406 where the client refuses identity as well as all there is.
Response finish_answer(const Request& request, Response answer);

}  // namespace dyno::api
