#include <algorithm>
#include <string_view>

#include "routes.h"

namespace {

struct Fortune {
  std::string id;
  std::string message;
};

std::vector<Fortune> read_fortunes(Database& database, const char* sql) {
  const ResultPtr found = Database::Lease(database).run(sql);
  std::vector<Fortune> fortunes{{"0", "Additional fortune added at request time."}};
  for (int row = 0; row < PQntuples(found.get()); ++row) {
    fortunes.push_back({PQgetvalue(found.get(), row, 0), PQgetvalue(found.get(), row, 1)});
  }
  // Bytes of UTF-8 sort as the code points do.
  std::sort(fortunes.begin(), fortunes.end(), [](const Fortune& a, const Fortune& b) { return a.message < b.message; });
  return fortunes;
}

void append_escaped(std::string& out, std::string_view text) {
  for (const char c : text) {
    switch (c) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      case '\'': out += "&#39;"; break;
      default: out += c;
    }
  }
}

std::string to_page(const std::vector<Fortune>& fortunes) {
  std::string page =
      "<!DOCTYPE html>\n<html><head><title>Fortunes</title></head><body><table>\n"
      "<tr><th>id</th><th>message</th></tr>\n";
  for (const Fortune& fortune : fortunes) {
    page += "<tr><td>";
    page += fortune.id;
    page += "</td><td>";
    append_escaped(page, fortune.message);
    page += "</td></tr>\n";
  }
  return page += "</table></body></html>\n";
}

void show_fortunes(Database& database, const httplib::Request& request, httplib::Response& response) {
  const std::string set = request.get_param_value("set");
  if (!set.empty() && set != "200") return answer_bad_request(response);
  const char* sql = set.empty() ? "SELECT id, message FROM fortune" : "SELECT id, message FROM fortune200";
  response.set_content(to_page(read_fortunes(database, sql)), "text/html; charset=utf-8");
}

}  // namespace

void add_fortunes_route(httplib::Server& server, Database& database) {
  server.Get("/fortunes", [&database](const httplib::Request& request, httplib::Response& response) {
    show_fortunes(database, request, response);
  });
}
