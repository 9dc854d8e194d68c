#include <algorithm>
#include <string>

#include "routes.h"

namespace {

bool is_name(const std::string& text) {
  const auto allowed = [](char c) {
    return ('a' <= c && c <= 'z') || ('A' <= c && c <= 'Z') || ('0' <= c && c <= '9');
  };
  return !text.empty() && text.size() <= 32 && std::all_of(text.begin(), text.end(), allowed);
}

void plaintext(const httplib::Request&, httplib::Response& response) {
  response.set_content("Hello, World!", "text/plain");
}

void greet(const httplib::Request& request, httplib::Response& response) {
  std::string name = "World";
  if (request.has_param("name")) {
    name = request.get_param_value("name");
    if (!is_name(name)) return answer_bad_request(response);
  }
  answer_json(response, 200, {{"message", "Hello, " + name + "!"}});
}

}  // namespace

void add_hello_routes(httplib::Server& server) {
  server.Get("/plaintext", plaintext);
  server.Get("/json", greet);
}
