// Routes by path segments and method. Refuses unknown query parameters with the nearest known name, answers HEAD as GET and a
// wrong method with 405 and Allow, and a form of a list that does not exist with 406. Never changes after it was made; thread-safe.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "api/api_context.h"
#include "api/request.h"
#include "api/response.h"

namespace dyno::api {

// The values of the path's {names}, in order.
using PathValues = std::vector<std::string>;
using Handler = Response (*)(const ApiContext&, const Request&, const PathValues&);

struct Parameter {
  std::string_view name;
  bool repeatable = false;
};

struct Route {
  std::string_view method;  // GET, POST, PUT, PATCH or DELETE
  std::string_view path;    // "/api/v1/runs/{id}"
  Handler handler;
  std::vector<Parameter> parameters;
  bool is_rows = false;  // a list: `format` and Accept choose its form
};

class Router {
 public:
  explicit Router(std::vector<Route> routes);

  Response route(const ApiContext& context, const Request& request) const;
  // Whether any route has this path, whatever the method.
  bool knows(const Request& request) const;
  std::span<const Route> routes() const { return routes_; }

 private:
  std::vector<Route> routes_;
};

// Every route of the API.
std::vector<Route> api_routes();

}  // namespace dyno::api
