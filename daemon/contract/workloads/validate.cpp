// validate: an order, held against its schema (stacks/schema/order.schema.json) and added up.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <array>

#include "contract/workloads/registry.h"

namespace dyno::contract {
namespace {

constexpr const char* kType = "application/json";

// ---- orders: right ones with their total, and wrong ones with the one thing that is wrong ----
struct Order {
  std::string json;
  std::int64_t total_cents = 0;
};

// The members of an order as they stand in the JSON text.
struct Parts {
  std::string order_id;
  std::string email;
  std::vector<std::string> items;
  std::string coupon;  // empty: the key is left out
};

std::string hex(Draw& draw, int size) {
  std::string text;
  for (int i = 0; i < size; ++i) text += "0123456789abcdef"[draw.between(0, 15)];
  return text;
}

std::string item(std::string_view sku, std::string_view quantity, std::string_view price) {
  return fmt::format(R"({{"sku":"{}","quantity":{},"unit_price_cents":{}}})", sku, quantity, price);
}

std::string sku(Draw& draw) {
  std::string text;
  for (int i = 0; i < 3; ++i) text += static_cast<char>('A' + draw.between(0, 25));
  return fmt::format("{}-{:04}", text, draw.between(0, 9999));
}

std::string json_of(const Parts& parts) {
  std::string text = fmt::format(R"({{"order_id":{},"email":{},"items":[{}])", parts.order_id, parts.email,
                                 fmt::join(parts.items, ","));
  if (!parts.coupon.empty()) text += fmt::format(R"(,"coupon":{})", parts.coupon);
  return text + "}";
}

Parts right_parts(Draw& draw) {
  Parts parts;
  parts.order_id =
      fmt::format("\"{}-{}-{}-{}-{}\"", hex(draw, 8), hex(draw, 4), hex(draw, 4), hex(draw, 4), hex(draw, 12));
  parts.email = fmt::format("\"{}@example.com\"", draw.word(draw.between(1, 20)));
  parts.items = {item(sku(draw), "1", "100")};
  return parts;
}

Order random_order(Draw& draw) {
  Parts parts = right_parts(draw);
  parts.items.clear();
  Order order;
  const std::int64_t count = draw.between(1, 20);
  for (std::int64_t i = 0; i < count; ++i) {
    const std::int64_t quantity = draw.between(1, 100);
    const std::int64_t price = draw.between(0, 1000000);
    order.total_cents += quantity * price;
    parts.items.push_back(item(sku(draw), std::to_string(quantity), std::to_string(price)));
  }
  const std::array<std::string, 3> coupons{"", "null", fmt::format("\"{}\"", draw.word(16))};
  parts.coupon = coupons[static_cast<std::size_t>(draw.between(0, 2))];
  order.json = json_of(parts);
  return order;
}

// One for every rule of the schema.
std::vector<BadBody> bad_orders(Draw& draw) {
  const Parts right = right_parts(draw);
  std::vector<BadBody> all;
  const auto add = [&](std::string fault, auto change) {
    Parts parts = right;
    change(parts);
    all.push_back({std::move(fault), json_of(parts)});
  };
  add("a quantity of 0", [](Parts& p) { p.items = {item("ABC-1234", "0", "1")}; });
  add("a quantity of 101", [](Parts& p) { p.items = {item("ABC-1234", "101", "1")}; });
  add("a quantity of 1.5", [](Parts& p) { p.items = {item("ABC-1234", "1.5", "1")}; });
  add("a quantity that is text", [](Parts& p) { p.items = {item("ABC-1234", "\"1\"", "1")}; });
  add("a price of -1", [](Parts& p) { p.items = {item("ABC-1234", "1", "-1")}; });
  add("a price of 1000001", [](Parts& p) { p.items = {item("ABC-1234", "1", "1000001")}; });
  add("a sku in lower case", [](Parts& p) { p.items = {item("abc-1234", "1", "1")}; });
  add("a sku that goes on", [](Parts& p) { p.items = {item("ABC-12345", "1", "1")}; });
  add("a further key in an item",
      [](Parts& p) { p.items = {R"({"sku":"ABC-1234","quantity":1,"unit_price_cents":1,"x":1})"}; });
  add("an item without its price", [](Parts& p) { p.items = {R"({"sku":"ABC-1234","quantity":1})"}; });
  add("no items", [](Parts& p) { p.items.clear(); });
  add("21 items", [](Parts& p) { p.items.assign(21, item("ABC-1234", "1", "1")); });
  add("an id that is not a UUID", [](Parts& p) { p.order_id = "\"1234\""; });
  add("an id that is a number", [](Parts& p) { p.order_id = "1"; });
  add("an email without @", [](Parts& p) { p.email = "\"someone.example.com\""; });
  add("an email that is null", [](Parts& p) { p.email = "null"; });
  add("a coupon of 17 letters", [](Parts& p) { p.coupon = "\"12345678901234567\""; });
  add("a coupon that is a number", [](Parts& p) { p.coupon = "7"; });
  add("a further key", [](Parts& p) { p.coupon = R"(null,"gift":true)"; });
  all.push_back({"a list instead of an order", "[]"});
  return all;
}

// ---- checks ----
Request validate(const Order& order) { return post_json("/validate", order.json); }

ExpectedAnswer valid(const Order& order) {
  return json_answer("POST /validate", fmt::format(R"({{"valid":true,"total_cents":{}}})", order.total_cents));
}

std::vector<Check> checks_for(Asking& asking) {
  const Order first = random_order(asking.draw);
  const Order second = random_order(asking.draw);
  const std::vector<BadBody> bad = bad_orders(asking.draw);
  std::vector<Check> checks;
  checks.push_back(ask(asking, "validate: adds up a right order", validate(first), valid(first)));
  if (asking.depth == Depth::quick) {
    checks.push_back(refused_body(asking, "validate", bad.front()));
    return checks;
  }
  checks.push_back(check_of("validate: two bodies on one connection",
                            kept_alive({validate(first), validate(second)}, asking.host),
                            {valid(first), valid(second)}));
  const auto question = [](Draw& draw) {
    const Order order = random_order(draw);
    return JsonQuestion{order.json, valid(order)};
  };
  append(checks, json_body_checks(asking, "validate", question, bad));
  return checks;
}

// 9 right orders to 1 wrong one. Verification draws its own, so these are never those of a check.
std::vector<ports::RequestTemplate> load_of(const Setting&, const RightBodies&) {
  constexpr std::uint64_t kSeed = 0x10AD;
  Draw draw(kSeed);
  std::vector<ports::RequestTemplate> requests;
  requests.reserve(10);
  for (int i = 0; i < 9; ++i) requests.push_back(load_post("/validate", kType, random_order(draw).json));
  requests.push_back(load_post("/validate", kType, bad_orders(draw).front().json));
  requests.back().expected_status = 422;
  return requests;
}

}  // namespace

Workload validate_workload() { return {.name = "validate", .checks = checks_for, .requests = load_of}; }

}  // namespace dyno::contract
