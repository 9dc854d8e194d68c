#include "sse.h"

#include "answer.h"
#include "date.h"
#include "routes.h"

namespace {

using namespace std::chrono_literals;

constexpr std::size_t kMessageLimit = 1024;

std::optional<std::string> topic_of(const Request& request) {
  auto topic = request.query("topic");
  return topic && !topic->empty() && topic->size() <= 64 ? topic : std::nullopt;
}

Task<void> write_chunk(Stream& stream, const std::string& text) {
  stream.expires_after(10s);
  co_await asio::async_write(stream, http::make_chunk(asio::buffer(text)), use_task);
}

}  // namespace

bool is_subscription(const Request& request) {
  return request.method() == http::verb::get && request.path() == "/sse" && topic_of(request).has_value();
}

Task<void> subscribe(Worker& worker, Request& request) {
  const auto mailbox = worker.hub().subscribe(topic_of(request).value(), worker.executor());
  http::response<http::empty_body> head(http::status::ok, 11);
  head.set(http::field::content_type, "text/event-stream");
  head.set(http::field::cache_control, "no-cache");
  head.set(http::field::date, http_date());
  head.keep_alive(false);
  head.chunked(true);
  http::response_serializer<http::empty_body> serializer(head);
  co_await http::async_write_header(request.stream(), serializer, use_task);

  std::string events = ": ok\n\n";
  while (!events.empty()) {
    co_await write_chunk(request.stream(), events);
    events = co_await mailbox->take();
  }
  co_await asio::async_write(request.stream(), http::make_chunk_last(), use_task);
}

Task<Response> publish(Worker& worker, Request& request) {
  const auto topic = topic_of(request);
  const auto text = co_await request.read_body(kMessageLimit);
  if (!text) co_return too_large();
  if (!topic || text->empty() || text->find_first_of("\r\n") != std::string::npos) co_return bad_request();
  worker.hub().publish(*topic, *text);
  co_return Response(http::status::accepted, 11);
}
