#include "numbers.h"
#include "routes.h"

namespace {

nlohmann::json new_item(int id, int m) {
  const int price = 100 + 37 * id % 900;
  const int quantity = 1 + id % 10;
  return {{"id", id}, {"name", "Item " + std::to_string(id)}, {"price", price}, {"quantity", quantity}, {"total", price * quantity * m}};
}

void list_items(const httplib::Request& request, httplib::Response& response) {
  const std::string& count = request.path_params.at("count");
  const auto m = parse_within(request.get_param_value("m"), 1, 9);
  if (!m || !is_integer(count)) return answer_bad_request(response);

  const int size = clamp(count, 1, 50);
  nlohmann::json items = nlohmann::json::array();
  for (int id = 1; id <= size; ++id) items.push_back(new_item(id, *m));
  answer_json(response, 200, {{"items", std::move(items)}, {"count", size}});
}

}  // namespace

void add_items_route(httplib::Server& server) { server.Get("/items/:count", list_items); }
