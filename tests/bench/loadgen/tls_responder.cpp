// The server of the TLS benchmark: answers every request with the same 148 bytes over TLS 1.3, as fast as OpenSSL and one core can,
// so that the load generator is the limit; nginx takes longer for an answer than the fastest generators do.
//   tls_responder PORT CPU CERTIFICATE KEY
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "answering.h"

namespace {

constexpr int kEvents = 256;

struct FreeSsl {
  void operator()(SSL* ssl) const { SSL_free(ssl); }
};
struct FreeContext {
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
};

class Responder {
 public:
  Responder(int port, const char* certificate, const char* key)
      : listener_(bench::listen_on(port, SOCK_NONBLOCK)),
        epoll_(epoll_create1(EPOLL_CLOEXEC)),
        context_(SSL_CTX_new(TLS_server_method())) {
    SSL_CTX_set_min_proto_version(context_.get(), TLS1_3_VERSION);
    SSL_CTX_set_read_ahead(context_.get(), 1);  // a record in one recv instead of two
    SSL_CTX_set_mode(context_.get(), SSL_MODE_ENABLE_PARTIAL_WRITE);
    bench::check(SSL_CTX_use_certificate_file(context_.get(), certificate, SSL_FILETYPE_PEM) - 1, certificate);
    bench::check(SSL_CTX_use_PrivateKey_file(context_.get(), key, SSL_FILETYPE_PEM) - 1, key);
    watch(listener_, EPOLLIN);
  }

  [[noreturn]] void serve() {
    std::array<epoll_event, kEvents> events;
    while (true) {
      const int count = epoll_wait(epoll_, events.data(), kEvents, -1);
      for (int i = 0; i < count; ++i) {
        const int fd = events[static_cast<std::size_t>(i)].data.fd;
        if (fd == listener_) {
          accept_all();
        } else {
          read(fd);
        }
      }
    }
  }

 private:
  void watch(int fd, std::uint32_t what) const {
    epoll_event event{};
    event.events = what;
    event.data.fd = fd;
    epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event);
  }

  void accept_all() {
    for (int fd = 0; (fd = accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0;) {
      const int on = 1;
      setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
      SSL* const ssl = SSL_new(context_.get());
      SSL_set_fd(ssl, fd);
      SSL_set_accept_state(ssl);
      connections_[fd].reset(ssl);
      watch(fd, EPOLLIN | EPOLLET);
    }
  }

  // Edge-triggered, and a request is one small record: what a read leaves over comes with the next edge or is read at once.
  void read(int fd) {
    SSL* const ssl = connections_[fd].get();
    while (true) {
      const int n = SSL_read(ssl, buffer_.data(), static_cast<int>(buffer_.size()));
      if (n <= 0) {
        if (SSL_get_error(ssl, n) != SSL_ERROR_WANT_READ) end(fd);
        return;
      }
      const std::string_view bytes(buffer_.data(), static_cast<std::size_t>(n));
      if (bytes.ends_with("\r\n\r\n") && SSL_write(ssl, answer_.data(), static_cast<int>(answer_.size())) <= 0)
        return end(fd);
      if (SSL_has_pending(ssl) == 0) return;
    }
  }

  void end(int fd) {
    connections_.erase(fd);
    close(fd);
  }

  const std::string answer_ = bench::one_answer();
  int listener_;
  int epoll_;
  std::unique_ptr<SSL_CTX, FreeContext> context_;
  std::unordered_map<int, std::unique_ptr<SSL, FreeSsl>> connections_;
  std::array<char, 16384> buffer_{};
};

}  // namespace

int main(int argc, char** argv) {
  if (argc < 5) return 2;
  bench::pin_to(std::atoi(argv[2]));
  std::signal(SIGPIPE, SIG_IGN);  // generators leave in the middle of an answer
  Responder(std::atoi(argv[1]), argv[3], argv[4]).serve();
}
