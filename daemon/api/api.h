// The whole of the API as one function from request to response: routes first, then the dashboard's files. Keeps nothing but
// the table of routes. Thread-safe; the context must outlive it.
#pragma once

#include "api/api_context.h"
#include "api/request.h"
#include "api/response.h"
#include "api/router.h"

namespace dyno::api {

class Api {
 public:
  explicit Api(const ApiContext& context) : context_(context), router_(api_routes()) {}

  Response handle(const Request& request) const;

 private:
  // Set once in the constructor.
  const ApiContext& context_;
  Router router_;
};

}  // namespace dyno::api
