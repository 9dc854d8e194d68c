#include "session.h"

#include <boost/asio/redirect_error.hpp>
#include <cstdio>

#include "answer.h"
#include "date.h"
#include "request.h"
#include "routes.h"
#include "sse.h"
#include "ws.h"

namespace {

using namespace std::chrono_literals;

constexpr std::size_t kHeadLimit = 16 * 1024;
// Above the largest that a handler allows, so that it is the handler who says no.
constexpr std::size_t kBodyLimit = 65 * 1024 * 1024;

void finish(Response& response, const Request& request, bool is_kept) {
  response.set(http::field::date, http_date());
  response.version(11);
  response.keep_alive(is_kept);
  response.prepare_payload();
  if (request.method() == http::verb::head) response.body().clear();  // its length stays in the head
}

Task<void> refuse(Stream& stream) {
  Response response = bad_request();
  response.set(http::field::date, http_date());
  response.keep_alive(false);
  response.prepare_payload();
  stream.expires_after(10s);
  co_await http::async_write(stream, response, use_task);
}

// Whether the connection goes on.
Task<bool> answer(Worker& worker, Request& request) {
  const Worker::Answering answering(worker);
  Response response = co_await route(worker, request);
  // What is left of a body would be taken for the next request.
  const bool is_kept = request.head().keep_alive() && request.is_read() && !worker.is_stopping();
  finish(response, request, is_kept);
  request.stream().expires_after(30s);
  co_await http::async_write(request.stream(), response, use_task);
  co_return is_kept;
}

Task<void> allow_body(Request& request) {
  if (!beast::iequals(request.head()[http::field::expect], "100-continue")) co_return;
  http::response<http::empty_body> go_on(http::status::continue_, 11);
  co_await http::async_write(request.stream(), go_on, use_task);
}

// One request. Whether the connection goes on.
Task<bool> serve_request(Worker& worker, Stream& stream, beast::flat_buffer& buffer) {
  Request::Parser parser;
  parser.header_limit(kHeadLimit);
  parser.body_limit(kBodyLimit);
  stream.expires_after(80s);          // idle connections are kept for at least 75
  boost::system::error_code error;
  co_await http::async_read_header(stream, buffer, parser, asio::redirect_error(use_task, error));
  if (error == http::error::body_limit) {
    // The length is announced in the head, so nothing of the body has been read.
  } else if (error.category() == http::make_error_code(http::error::bad_value).category() && error != http::error::end_of_stream) {
    co_await refuse(stream);
    co_return false;
  } else if (error) {
    co_return false;
  }

  Request request(stream, buffer, parser);
  stream.expires_after(60s);
  if (error == http::error::body_limit) {
    Response response = too_large();
    finish(response, request, false);
    co_await http::async_write(stream, response, use_task);
    co_return false;
  }
  if (is_echo(request)) {
    co_await echo(request);
    co_return false;
  }
  if (is_subscription(request)) {
    co_await subscribe(worker, request);
    co_return false;
  }
  co_await allow_body(request);
  co_return co_await answer(worker, request);
}

}  // namespace

Task<void> serve(Worker& worker, Stream stream) {
  beast::flat_buffer buffer;
  try {
    while (co_await serve_request(worker, stream, buffer)) {
    }
    boost::system::error_code ignored;
    stream.socket().shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
  } catch (const boost::system::system_error&) {
    // The client left, or was too slow.
  } catch (const std::exception& error) {
    std::fprintf(stderr, "session: %s\n", error.what());
  }
}
