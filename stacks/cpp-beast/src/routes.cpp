#include "routes.h"

#include <cstdio>
#include <unordered_map>

#include "answer.h"

namespace {

using Plain = Response (*)(const Request&);
using Waiting = Task<Response> (*)(Worker&, Request&);

// Of one path; a method without a handler is not allowed on it.
struct Route {
  Plain plain = nullptr;
  Waiting get = nullptr;
  Waiting post = nullptr;
};

const std::unordered_map<std::string_view, Route>& routes() {
  static const std::unordered_map<std::string_view, Route> table{
      {"/health", {.plain = [](const Request&) { return text_answer("ok"); }}},
      {"/ready", {.get = ready}},
      {"/plaintext", {.plain = plaintext}},
      {"/json", {.plain = greet}},
      {"/items/", {.plain = list_items}},
      {"/validate", {.post = validate}},
      {"/cpu", {.get = compute}},
      {"/upload", {.post = upload}},
      {"/users/", {.get = show_user}},
      {"/db", {.get = show_world}},
      {"/queries", {.get = list_worlds}},
      {"/updates", {.post = update_worlds}},
      {"/fortunes", {.get = show_fortunes}},
      // A GET with a good topic never comes here: the session keeps it.
      {"/sse", {.plain = [](const Request&) { return bad_request(); }, .post = publish}},
  };
  return table;
}

// A path with a parameter is found by what stands before it.
const Route* find_route(std::string_view path) {
  const std::size_t slash = path.find('/', 1);
  const bool has_parameter = slash != std::string_view::npos && slash + 1 < path.size();
  const auto found = routes().find(has_parameter ? path.substr(0, slash + 1) : path);
  const bool fits = found != routes().end() && has_parameter == (found->first.back() == '/');
  return fits ? &found->second : nullptr;
}

constexpr std::size_t kIgnoredBody = 64 * 1024;

// A body nobody asked for is read all the same, so that the connection can go on.
Task<Response> refuse(Request& request, http::status status, const char* text) {
  co_await request.read_body(kIgnoredBody);
  co_return error_answer(status, text);
}

Task<Response> call(Worker& worker, Request& request, const Route& found) {
  const bool is_get = request.method() == http::verb::get || request.method() == http::verb::head;
  const bool is_post = request.method() == http::verb::post;
  if (is_get && found.plain != nullptr) co_return found.plain(request);
  if (is_get && found.get != nullptr) co_return co_await found.get(worker, request);
  if (is_post && found.post != nullptr) co_return co_await found.post(worker, request);
  co_return co_await refuse(request, http::status::method_not_allowed, "Method not allowed");
}

}  // namespace

Task<Response> route(Worker& worker, Request& request) {
  const Route* found = find_route(request.path());
  if (found == nullptr) co_return co_await refuse(request, http::status::not_found, "Not found");
  try {
    co_return co_await call(worker, request, *found);
  } catch (const DatabaseError& error) {
    std::fprintf(stderr, "database: %s\n", error.what());
    co_return error_answer(http::status::service_unavailable, "Service unavailable");
  }
}
