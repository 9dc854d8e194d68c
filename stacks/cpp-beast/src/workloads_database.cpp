// The workloads that read and write rows.

#include <algorithm>
#include <cstdlib>
#include <limits>
#include <unordered_set>

#include "answer.h"
#include "numbers.h"
#include "routes.h"

namespace {

using nlohmann::json;

constexpr int kRows = 10000;

struct World {
  int id;
  int random_number;
};

json to_json(const World& world) { return {{"id", world.id}, {"randomNumber", world.random_number}}; }

Task<World> read_world(Connection& connection, int id) {
  const ResultPtr found = co_await connection.run("SELECT id, random_number FROM world WHERE id = $1", {id});
  if (PQntuples(found.get()) != 1) throw DatabaseError("no world " + std::to_string(id));
  co_return World{id, std::atoi(PQgetvalue(found.get(), 0, 1))};
}

// Reads a row and writes it back with any number but the old one.
Task<World> renumber(Connection& connection, int id) {
  World world = co_await read_world(connection, id);
  const int drawn = draw(1, kRows - 1);
  world.random_number = drawn < world.random_number ? drawn : drawn + 1;
  co_await connection.run("UPDATE world SET random_number = $1 WHERE id = $2", {world.random_number, id});
  co_return world;
}

std::unordered_set<int> distinct_ids(int count) {
  std::unordered_set<int> ids;
  while (static_cast<int>(ids.size()) < count) ids.insert(draw(1, kRows));
  return ids;
}

struct Fortune {
  std::string id;
  std::string message;
};

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

}  // namespace

Task<Response> ready(Worker& worker, Request&) {
  co_await worker.database().check();
  co_return text_answer("ok");
}

Task<Response> show_user(Worker& worker, Request& request) {
  const std::string text = request.path().substr(std::string_view("/users/").size());
  const auto id = parse_within(text, 1, std::numeric_limits<int>::max());
  if (!id) co_return bad_request();
  const auto connection = co_await worker.database().lease();
  const ResultPtr found = co_await connection->run("SELECT id, name, email FROM users WHERE id = $1", {*id});
  if (PQntuples(found.get()) == 0) co_return error_answer(http::status::not_found, "Not found");
  const json user{{"id", *id}, {"name", PQgetvalue(found.get(), 0, 1)}, {"email", PQgetvalue(found.get(), 0, 2)}};
  co_return json_answer(http::status::ok, user);
}

Task<Response> show_world(Worker& worker, Request&) {
  const auto connection = co_await worker.database().lease();
  const World world = co_await read_world(*connection, draw(1, kRows));
  co_return json_answer(http::status::ok, to_json(world));
}

Task<Response> list_worlds(Worker& worker, Request& request) {
  const auto connection = co_await worker.database().lease();
  json rows = json::array();
  for (int left = row_count(request.query("n").value_or("")); left > 0; --left) {
    rows.push_back(to_json(co_await read_world(*connection, draw(1, kRows))));
  }
  co_return json_answer(http::status::ok, rows);
}

Task<Response> update_worlds(Worker& worker, Request& request) {
  const auto connection = co_await worker.database().lease();
  json rows = json::array();
  for (const int id : distinct_ids(row_count(request.query("n").value_or("")))) {
    rows.push_back(to_json(co_await renumber(*connection, id)));
  }
  co_return json_answer(http::status::ok, rows);
}

Task<Response> show_fortunes(Worker& worker, Request& request) {
  const std::string set = request.query("set").value_or("");
  if (!set.empty() && set != "200") co_return bad_request();
  const char* sql = set.empty() ? "SELECT id, message FROM fortune" : "SELECT id, message FROM fortune200";
  const auto connection = co_await worker.database().lease();
  const ResultPtr found = co_await connection->run(sql);

  std::vector<Fortune> fortunes{{"0", "Additional fortune added at request time."}};
  for (int row = 0; row < PQntuples(found.get()); ++row) {
    fortunes.push_back({PQgetvalue(found.get(), row, 0), PQgetvalue(found.get(), row, 1)});
  }
  // Bytes of UTF-8 sort as the code points do.
  std::sort(fortunes.begin(), fortunes.end(), [](const Fortune& a, const Fortune& b) { return a.message < b.message; });
  co_return html_answer(to_page(fortunes));
}
