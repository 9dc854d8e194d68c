// The workloads that need no database.

#include <algorithm>
#include <boost/asio/async_result.hpp>
#include <boost/asio/post.hpp>

#include "answer.h"
#include "numbers.h"
#include "order.h"
#include "routes.h"
#include "work.h"

namespace {

using nlohmann::json;

constexpr std::size_t kOrderLimit = 64 * 1024;
constexpr std::size_t kUploadLimit = 64 * 1024 * 1024;

bool is_name(const std::string& text) {
  const auto allowed = [](char c) {
    return ('a' <= c && c <= 'z') || ('A' <= c && c <= 'Z') || ('0' <= c && c <= '9');
  };
  return !text.empty() && text.size() <= 32 && std::all_of(text.begin(), text.end(), allowed);
}

json new_item(int id, int m) {
  const int price = 100 + 37 * id % 900;
  const int quantity = 1 + id % 10;
  return {{"id", id}, {"name", "Item " + std::to_string(id)}, {"price", price}, {"quantity", quantity}, {"total", price * quantity * m}};
}

std::string work(const std::string& kind, int n) { return kind == "hash" ? hash_chain(n) : std::to_string(primes_up_to(n)); }

// The same work on a thread of the pool; the answer comes back to the loop that asked.
Task<std::string> offloaded(asio::thread_pool& pool, std::string kind, int n) {
  asio::use_awaitable_t<Executor> token;
  return asio::async_initiate<asio::use_awaitable_t<Executor>, void(std::string)>(
      [&pool](auto handler, std::string wanted, int count) {
        asio::post(pool, [handler = std::move(handler), wanted = std::move(wanted), count]() mutable {
          const auto loop = asio::get_associated_executor(handler);
          asio::post(loop, [handler = std::move(handler), result = work(wanted, count)]() mutable { handler(std::move(result)); });
        });
      },
      token, std::move(kind), n);
}

}  // namespace

Response plaintext(const Request&) { return text_answer("Hello, World!"); }

Response greet(const Request& request) {
  const std::string name = request.query("name").value_or("World");
  return is_name(name) ? json_answer(http::status::ok, {{"message", "Hello, " + name + "!"}}) : bad_request();
}

Response list_items(const Request& request) {
  const std::string count = request.path().substr(std::string_view("/items/").size());
  const auto m = parse_within(request.query("m").value_or(""), 1, 9);
  if (!m || !is_integer(count)) return bad_request();

  const int size = clamp(count, 1, 50);
  json items = json::array();
  for (int id = 1; id <= size; ++id) items.push_back(new_item(id, *m));
  return json_answer(http::status::ok, {{"items", std::move(items)}, {"count", size}});
}

Task<Response> validate(Worker&, Request& request) {
  const auto body = co_await request.read_body(kOrderLimit);
  if (!body) co_return too_large();
  const json order = json::parse(*body, nullptr, false);
  if (order.is_discarded()) co_return bad_request();
  if (const int problems = count_order_problems(order); problems > 0) {
    co_return json_answer(http::status::unprocessable_entity, {{"valid", false}, {"errors", problems}});
  }
  co_return json_answer(http::status::ok, {{"valid", true}, {"total_cents", total_cents(order)}});
}

Task<Response> compute(Worker& worker, Request& request) {
  const std::string kind = request.query("kind").value_or("");
  const auto n = parse_within(request.query("n").value_or(""), 1, 10'000'000);
  if (!n || (kind != "hash" && kind != "sieve")) co_return bad_request();
  const bool is_offloaded = request.query("offload") == "1";
  const std::string result = is_offloaded ? co_await offloaded(worker.offload(), kind, *n) : work(kind, *n);
  co_return json_answer(http::status::ok, {{"kind", kind}, {"n", *n}, {"result", result}});
}

Task<Response> upload(Worker&, Request& request) {
  const auto bytes = co_await request.count_body(kUploadLimit);
  co_return bytes ? json_answer(http::status::ok, {{"bytes", *bytes}}) : too_large();
}
