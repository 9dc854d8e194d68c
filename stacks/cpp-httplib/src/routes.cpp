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

namespace {

void health(const httplib::Request&, httplib::Response& response) {
  response.set_content("ok", "text/plain");
}

const char* error_text(int status) {
  switch (status) {
    case 404: return "Not found";
    case 413: return "Payload too large";
    case 500: return "Internal error";
    default: return "Bad request";
  }
}

// A request that names no length has no body, but the library would read until its timeout to find one.
httplib::Server::HandlerResponse refuse_missing_length(const httplib::Request& request, httplib::Response& response) {
  const bool has_body = request.method == "POST" || request.method == "PUT" || request.method == "PATCH";
  if (!has_body || request.has_header("Content-Length") || request.has_header("Transfer-Encoding")) {
    return httplib::Server::HandlerResponse::Unhandled;
  }
  response.status = 404;
  return httplib::Server::HandlerResponse::Handled;
}

}  // namespace

void add_routes(httplib::Server& server) {
  server.Get("/health", health);
  server.Get("/ready", health);
  add_hello_routes(server);

  server.set_pre_routing_handler(refuse_missing_length);
  server.set_post_routing_handler([](const httplib::Request&, httplib::Response& response) {
    response.set_header("Date", http_date());
  });
  // Called for every status from 400 on; an answer that has its body keeps it.
  server.set_error_handler([](const httplib::Request&, httplib::Response& response) {
    if (response.body.empty()) answer_error(response, response.status, error_text(response.status));
  });
  server.set_exception_handler([](const httplib::Request& request, httplib::Response& response, std::exception_ptr error) {
    try {
      std::rethrow_exception(error);
    } catch (const std::exception& caught) {
      std::fprintf(stderr, "%s: %s\n", request.path.c_str(), caught.what());
    } catch (...) {
      std::fprintf(stderr, "%s: an unknown exception\n", request.path.c_str());
    }
    response.status = 500;
  });
}
