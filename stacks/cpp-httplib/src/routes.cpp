#include "routes.h"

#include <cstdio>
#include <exception>

#include "date.h"

void answer_json(httplib::Response& response, int status, const nlohmann::json& body) {
  response.status = status;
  response.set_content(body.dump(), "application/json");
}

void answer_error(httplib::Response& response, int status, const char* text) {
  answer_json(response, status, {{"error", text}});
}

void answer_bad_request(httplib::Response& response) { answer_error(response, 400, "Bad request"); }

bool read_limited(const httplib::ContentReader& reader, std::size_t limit, std::string& body, httplib::Response& response) {
  const bool is_whole = reader([&](const char* data, std::size_t size) {
    if (body.size() + size > limit) return false;
    body.append(data, size);
    return true;
  });
  if (!is_whole) answer_error(response, 413, "Payload too large");
  return is_whole;
}

namespace {

using httplib::Request;
using httplib::Response;
using Outcome = httplib::Server::HandlerResponse;

const char* error_text(int status) {
  switch (status) {
    case 404: return "Not found";
    case 413: return "Payload too large";
    case 500: return "Internal error";
    default: return "Bad request";
  }
}

void fill_error(const Request&, Response& response) {
  if (response.body.empty()) answer_error(response, response.status, error_text(response.status));
}

void answer_exception(const Request& request, Response& response, const std::exception_ptr& error) {
  try {
    std::rethrow_exception(error);
  } catch (const DatabaseError& caught) {
    std::fprintf(stderr, "database: %s\n", caught.what());
    answer_error(response, 503, "Service unavailable");
  } catch (const std::exception& caught) {
    std::fprintf(stderr, "%s: %s\n", request.path.c_str(), caught.what());
    answer_error(response, 500, "Internal error");
  }
}

// A request that names no length has no body, but the library would read until its timeout to find one.
Outcome answer_without_length(Database& database, const Request& request, Response& response) {
  const bool may_have_body = request.method == "POST" || request.method == "PUT" || request.method == "PATCH";
  if (!may_have_body || request.has_header("Content-Length") || request.has_header("Transfer-Encoding")) {
    return Outcome::Unhandled;
  }
  if (request.method != "POST") {
    response.status = 404;
  } else if (request.path == "/updates") {
    update_worlds(database, request, response);
  } else if (request.path == "/upload") {
    answer_upload(response, 0);
  } else {
    response.status = request.path == "/validate" || request.path == "/sse" ? 400 : 404;
  }
  return Outcome::Handled;
}

}  // namespace

void add_routes(httplib::Server& server, Database& database, Hub& hub) {
  server.Get("/health", [](const Request&, Response& response) { response.set_content("ok", "text/plain"); });
  server.Get("/ready", [&database](const Request&, Response& response) {
    database.check();
    response.set_content("ok", "text/plain");
  });
  add_hello_routes(server);
  add_items_route(server);
  add_validate_route(server);
  add_cpu_route(server);
  add_upload_route(server);
  add_users_route(server, database);
  add_worlds_routes(server, database);
  add_fortunes_route(server, database);
  add_sse_routes(server, hub);

  server.set_pre_routing_handler([&database](const Request& request, Response& response) {
    return answer_without_length(database, request, response);
  });
  server.set_post_routing_handler([](const Request&, Response& response) { response.set_header("Date", http_date()); });
  // Called for every status from 400 on; an answer that has its body keeps it.
  server.set_error_handler(fill_error);
  server.set_exception_handler(answer_exception);
}
