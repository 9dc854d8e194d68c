#include "ws.h"

#include <boost/beast/websocket.hpp>

namespace websocket = beast::websocket;

namespace {

constexpr std::size_t kMessageLimit = 64 * 1024;

}  // namespace

bool is_echo(const Request& request) { return request.path() == "/ws" && websocket::is_upgrade(request.head()); }

Task<void> echo(Request& request) {
  request.stream().expires_never();  // the WebSocket has timeouts of its own
  websocket::stream<Stream&> socket(request.stream());
  socket.set_option(websocket::stream_base::timeout::suggested(beast::role_type::server));
  socket.auto_fragment(false);  // a message goes back as one frame
  socket.read_message_max(kMessageLimit);
  co_await socket.async_accept(request.head(), use_task);

  beast::flat_buffer message;
  while (true) {
    boost::system::error_code error;
    co_await socket.async_read(message, asio::redirect_error(use_task, error));
    if (error) co_return;  // closed, or too large; the stream has answered
    socket.text(socket.got_text());
    co_await socket.async_write(message.data(), use_task);
    message.clear();
  }
}
