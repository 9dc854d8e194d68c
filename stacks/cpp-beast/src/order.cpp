#include "order.h"

#include <algorithm>
#include <string_view>

namespace {

using nlohmann::json;

bool is_digit(char c) { return '0' <= c && c <= '9'; }
bool is_upper(char c) { return 'A' <= c && c <= 'Z'; }
bool is_word(char c) { return is_digit(c) || is_upper(c) || ('a' <= c && c <= 'z'); }
bool is_hex(char c) { return is_digit(c) || ('a' <= c && c <= 'f'); }

// Each character of the pattern stands for one: x a lower-case hex digit, A a capital, 0 a digit, - itself.
bool has_form(std::string_view text, std::string_view pattern) {
  return std::equal(text.begin(), text.end(), pattern.begin(), pattern.end(), [](char c, char wanted) {
    switch (wanted) {
      case 'x': return is_hex(c);
      case 'A': return is_upper(c);
      case '0': return is_digit(c);
      default: return c == wanted;
    }
  });
}

bool is_order_id(std::string_view text) { return has_form(text, "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx"); }
bool is_sku(std::string_view text) { return has_form(text, "AAA-0000"); }

bool is_domain(std::string_view text) {
  std::size_t labels = 0;
  while (true) {
    const std::size_t dot = text.find('.');
    const std::string_view label = text.substr(0, dot);
    if (label.empty() || !std::all_of(label.begin(), label.end(), [](char c) { return is_word(c) || c == '-'; })) return false;
    ++labels;
    if (dot == std::string_view::npos) return labels >= 2;
    text.remove_prefix(dot + 1);
  }
}

bool is_email(std::string_view text) {
  const auto is_local = [](char c) { return is_word(c) || std::string_view("._%+-").find(c) != std::string_view::npos; };
  const std::size_t at = text.find('@');
  if (text.size() > 254 || at == 0 || at == std::string_view::npos) return false;
  const std::string_view local = text.substr(0, at);
  return std::all_of(local.begin(), local.end(), is_local) && is_domain(text.substr(at + 1));
}

bool is_coupon(std::string_view text) {
  const auto starts_code_point = [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; };
  return std::count_if(text.begin(), text.end(), starts_code_point) <= 16;
}

template <typename Rule>
bool is_text(const json& object, const char* key, Rule rule) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() && rule(found->get_ref<const std::string&>());
}

bool is_within(const json& object, const char* key, std::int64_t low, std::int64_t high) {
  const auto found = object.find(key);
  return found != object.end() && found->is_number_integer() && low <= *found && *found <= high;
}

int count_problems(const json& item) {
  if (!item.is_object()) return 1;
  return (item.size() > 3) + !is_text(item, "sku", is_sku) + !is_within(item, "quantity", 1, 100) +
         !is_within(item, "unit_price_cents", 0, 1'000'000);
}

}  // namespace

int count_order_problems(const json& order) {
  if (!order.is_object()) return 1;
  const auto coupon = order.find("coupon");
  const auto items = order.find("items");
  const bool has_coupon = coupon != order.end();
  int problems = (order.size() > (has_coupon ? 4U : 3U)) + !is_text(order, "order_id", is_order_id) +
                 !is_text(order, "email", is_email);
  if (has_coupon && !coupon->is_null()) problems += !is_text(order, "coupon", is_coupon);
  if (items == order.end() || !items->is_array() || items->empty() || items->size() > 20) return problems + 1;
  for (const json& item : *items) problems += count_problems(item);
  return problems;
}

std::int64_t total_cents(const json& order) {
  std::int64_t total = 0;
  for (const json& item : order["items"]) {
    total += item["quantity"].get<std::int64_t>() * item["unit_price_cents"].get<std::int64_t>();
  }
  return total;
}
