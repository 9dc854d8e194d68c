#include "contract/order.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <array>

namespace dyno::contract {
namespace {

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

}  // namespace

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

std::vector<BadOrder> bad_orders(Draw& draw) {
  const Parts right = right_parts(draw);
  std::vector<BadOrder> all;
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
  add("an id that is no UUID", [](Parts& p) { p.order_id = "\"1234\""; });
  add("an id that is a number", [](Parts& p) { p.order_id = "1"; });
  add("an email without @", [](Parts& p) { p.email = "\"someone.example.com\""; });
  add("an email that is null", [](Parts& p) { p.email = "null"; });
  add("a coupon of 17 letters", [](Parts& p) { p.coupon = "\"12345678901234567\""; });
  add("a coupon that is a number", [](Parts& p) { p.coupon = "7"; });
  add("a further key", [](Parts& p) { p.coupon = R"(null,"gift":true)"; });
  all.push_back({"a list instead of an order", "[]"});
  return all;
}

}  // namespace dyno::contract
