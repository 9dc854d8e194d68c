#include <cstdlib>
#include <unordered_set>

#include "numbers.h"
#include "routes.h"

namespace {

constexpr int kRows = 10000;

struct World {
  int id;
  int random_number;
};

nlohmann::json to_json(const World& world) { return {{"id", world.id}, {"randomNumber", world.random_number}}; }

World read_world(Database::Lease& lease, int id) {
  const ResultPtr found = lease.run("SELECT id, random_number FROM world WHERE id = $1", {id});
  if (PQntuples(found.get()) != 1) throw std::runtime_error("no world " + std::to_string(id));
  return {id, std::atoi(PQgetvalue(found.get(), 0, 1))};
}

// Reads a row and writes it back with any number but the old one.
World renumber(Database::Lease& lease, int id) {
  World world = read_world(lease, id);
  const int drawn = draw(1, kRows - 1);
  world.random_number = drawn < world.random_number ? drawn : drawn + 1;
  lease.run("UPDATE world SET random_number = $1 WHERE id = $2", {world.random_number, id});
  return world;
}

std::unordered_set<int> distinct_ids(int count) {
  std::unordered_set<int> ids;
  while (static_cast<int>(ids.size()) < count) ids.insert(draw(1, kRows));
  return ids;
}

void show_world(Database& database, httplib::Response& response) {
  Database::Lease lease(database);
  answer_json(response, 200, to_json(read_world(lease, draw(1, kRows))));
}

void list_worlds(Database& database, const httplib::Request& request, httplib::Response& response) {
  Database::Lease lease(database);
  nlohmann::json rows = nlohmann::json::array();
  for (int left = row_count(request.get_param_value("n")); left > 0; --left) {
    rows.push_back(to_json(read_world(lease, draw(1, kRows))));
  }
  answer_json(response, 200, rows);
}

}  // namespace

void update_worlds(Database& database, const httplib::Request& request, httplib::Response& response) {
  Database::Lease lease(database);
  nlohmann::json rows = nlohmann::json::array();
  for (const int id : distinct_ids(row_count(request.get_param_value("n")))) rows.push_back(to_json(renumber(lease, id)));
  answer_json(response, 200, rows);
}

void add_worlds_routes(httplib::Server& server, Database& database) {
  using httplib::Request;
  using httplib::Response;
  server.Get("/db", [&database](const Request&, Response& response) { show_world(database, response); });
  server.Get("/queries", [&database](const Request& request, Response& response) { list_worlds(database, request, response); });
  server.Post("/updates", [&database](const Request& request, Response& response) { update_worlds(database, request, response); });
}
