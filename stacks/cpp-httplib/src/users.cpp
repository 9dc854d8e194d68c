#include <limits>

#include "numbers.h"
#include "routes.h"

namespace {

void show_user(Database& database, const httplib::Request& request, httplib::Response& response) {
  const auto id = parse_within(request.path_params.at("id"), 1, std::numeric_limits<int>::max());
  if (!id) return answer_bad_request(response);
  const ResultPtr found = Database::Lease(database).run("SELECT id, name, email FROM users WHERE id = $1", {*id});
  if (PQntuples(found.get()) == 0) return answer_error(response, 404, "Not found");
  answer_json(response, 200, {{"id", *id}, {"name", PQgetvalue(found.get(), 0, 1)}, {"email", PQgetvalue(found.get(), 0, 2)}});
}

}  // namespace

void add_users_route(httplib::Server& server, Database& database) {
  server.Get("/users/:id", [&database](const httplib::Request& request, httplib::Response& response) {
    show_user(database, request, response);
  });
}
