#include "worker.h"

#include <sys/socket.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>

#include "session.h"

Worker::Worker(const Settings& settings, Hub& hub, asio::thread_pool& offload)
    : acceptor_(context_), database_(context_.get_executor(), settings.database_url, settings.database_connections), hub_(hub), offload_(offload) {
  using SharedPort = asio::detail::socket_option::boolean<SOL_SOCKET, SO_REUSEPORT>;
  const asio::ip::tcp::endpoint endpoint(asio::ip::tcp::v4(), static_cast<asio::ip::port_type>(settings.port));
  acceptor_.open(endpoint.protocol());
  acceptor_.set_option(asio::socket_base::reuse_address(true));
  acceptor_.set_option(SharedPort(true));
  acceptor_.bind(endpoint);
  acceptor_.listen(asio::socket_base::max_listen_connections);
  asio::co_spawn(context_, accept(), asio::detached);
}

Task<void> Worker::accept() {
  while (!is_stopping_) {
    boost::system::error_code error;
    Socket socket = co_await acceptor_.async_accept(asio::redirect_error(use_task, error));
    if (error) continue;
    socket.set_option(asio::ip::tcp::no_delay(true), error);
    asio::co_spawn(context_, serve(*this, Stream(std::move(socket))), asio::detached);
  }
}

void Worker::stop() {
  asio::post(context_, [this] {
    is_stopping_ = true;
    acceptor_.close();
    end_when_done();
  });
}

void Worker::end_when_done() {
  if (is_stopping_ && answering_ == 0) context_.stop();
}
