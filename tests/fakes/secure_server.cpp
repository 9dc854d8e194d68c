#include "fakes/secure_server.h"

#include <array>
#include <csignal>
#include <map>

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <nghttp2/nghttp2.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/check.h"

namespace dyno::fakes {
namespace {

// Bytes in and out of one connection, encrypted or not.
class Channel {
 public:
  Channel(int fd, SSL* ssl) : fd_(fd), ssl_(ssl) {}
  ~Channel() {
    if (ssl_ != nullptr) {
      SSL_shutdown(ssl_);
      SSL_free(ssl_);
    }
    close(fd_);
  }
  Channel(const Channel&) = delete;
  Channel& operator=(const Channel&) = delete;

  // What there is, once there is something; nothing at the end or a stop.
  std::string read(const std::atomic<bool>& stop) {
    std::array<char, 65536> bytes;
    while (!stop.load()) {
      pollfd descriptor{fd_, POLLIN, 0};
      const bool pending = ssl_ != nullptr && SSL_pending(ssl_) > 0;
      if (!pending && poll(&descriptor, 1, 20) <= 0) continue;
      const auto n =
          ssl_ != nullptr ? SSL_read(ssl_, bytes.data(), bytes.size()) : recv(fd_, bytes.data(), bytes.size(), 0);
      return {bytes.data(), static_cast<std::size_t>(n > 0 ? n : 0)};
    }
    return {};
  }
  void write(const std::string& bytes) {
    if (bytes.empty()) return;
    if (ssl_ != nullptr) SSL_write(ssl_, bytes.data(), static_cast<int>(bytes.size()));
    else send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
  }

 private:
  int fd_;
  SSL* ssl_;
};

int choose_protocol(SSL* /*ssl*/, const unsigned char** out, unsigned char* out_size, const unsigned char* in,
                    unsigned int in_size, void* argument) {
  const std::string wanted = *static_cast<const bool*>(argument) ? "\x02h2" : "\x08http/1.1";
  unsigned char* chosen = nullptr;
  const int rc = SSL_select_next_proto(&chosen, out_size, reinterpret_cast<const unsigned char*>(wanted.data()),
                                       static_cast<unsigned int>(wanted.size()), in, in_size);
  if (rc != OPENSSL_NPN_NEGOTIATED) return SSL_TLSEXT_ERR_NOACK;
  // `wanted` ends with this call: what is chosen lies in the client's list as well.
  for (unsigned int at = 0; at < in_size; at += in[at] + 1U) {
    if (in[at] == *out_size) *out = in + at + 1;
  }
  return SSL_TLSEXT_ERR_OK;
}

void talk_http1(Channel& channel, const std::atomic<bool>& stop) {
  std::string input;
  for (std::string bytes = channel.read(stop); !bytes.empty(); bytes = channel.read(stop)) {
    input += bytes;
    for (std::size_t head = input.find("\r\n\r\n"); head != std::string::npos; head = input.find("\r\n\r\n")) {
      const std::size_t from = input.find(' ') + 1;
      const std::string path = input.substr(from, input.find(' ', from) - from);
      const bool ends = input.find("Connection: close\r\n") < head;
      input.erase(0, head + 4);
      channel.write(fmt::format("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{}", path.size(), path));
      if (ends) return;
    }
  }
}

// The server's end of one HTTP/2 connection.
class Streams {
 public:
  Streams(const SecureServerOptions& options, std::atomic<std::int64_t>& streams)
      : options_(options), streams_(streams) {
    nghttp2_session_callbacks* callbacks = nullptr;
    nghttp2_session_callbacks_new(&callbacks);
    nghttp2_session_callbacks_set_on_header_callback(
        callbacks, [](nghttp2_session*, const nghttp2_frame* frame, const std::uint8_t* name, std::size_t size,
                      const std::uint8_t* value, std::size_t value_size, std::uint8_t, void* user) {
          const std::string text(reinterpret_cast<const char*>(name), size);
          Request& request = static_cast<Streams*>(user)->requests_[frame->hd.stream_id];
          const std::string held(reinterpret_cast<const char*>(value), value_size);
          if (text == ":path") request.answer = held;
          if (text == ":method") request.is_post = held == "POST";
          return 0;
        });
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(
        callbacks,
        [](nghttp2_session*, std::uint8_t, std::int32_t stream, const std::uint8_t*, std::size_t size, void* user) {
          static_cast<Streams*>(user)->requests_[stream].body_bytes += size;
          return 0;
        });
    nghttp2_session_callbacks_set_on_frame_recv_callback(
        callbacks, [](nghttp2_session*, const nghttp2_frame* frame, void* user) {
          const bool ends = (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) != 0;
          const bool asks = frame->hd.type == NGHTTP2_HEADERS || frame->hd.type == NGHTTP2_DATA;
          if (ends && asks) static_cast<Streams*>(user)->answer(frame->hd.stream_id);
          return 0;
        });
    nghttp2_session_server_new(&session_, callbacks, this);
    nghttp2_session_callbacks_del(callbacks);
    const nghttp2_settings_entry most{NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS,
                                      static_cast<std::uint32_t>(options_.most_streams)};
    nghttp2_submit_settings(session_, NGHTTP2_FLAG_NONE, &most, options_.most_streams == 0 ? 0 : 1);
  }
  ~Streams() { nghttp2_session_del(session_); }
  Streams(const Streams&) = delete;
  Streams& operator=(const Streams&) = delete;

  void talk(Channel& channel, const std::atomic<bool>& stop) {
    channel.write(output());
    for (std::string bytes = channel.read(stop); !bytes.empty(); bytes = channel.read(stop)) {
      const auto used =
          nghttp2_session_mem_recv(session_, reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
      if (used < 0) return;
      channel.write(output());
      if (nghttp2_session_want_read(session_) == 0 && nghttp2_session_want_write(session_) == 0) return;
    }
  }

 private:
  struct Request {
    std::string answer;
    std::size_t body_bytes = 0;
    std::size_t sent = 0;
    bool is_post = false;
  };

  void answer(std::int32_t stream) {
    Request& request = requests_[stream];
    ++answered_;
    ++streams_;
    if (options_.hold_every != 0 && answered_ % options_.hold_every == 0) return;
    if (options_.reset_every != 0 && answered_ % options_.reset_every == 0) {
      nghttp2_submit_rst_stream(session_, NGHTTP2_FLAG_NONE, stream, NGHTTP2_INTERNAL_ERROR);
      return;
    }
    if (request.is_post) request.answer = std::to_string(request.body_bytes);
    std::string name = ":status";
    // As the path asks for it: /status/503.
    const bool asks = request.answer.starts_with("/status/");
    std::string value = asks ? request.answer.substr(8) : "200";
    std::string pointing = "location";
    std::string location = options_.location;
    const auto header = [](std::string& of, std::string& held) -> nghttp2_nv {
      return {reinterpret_cast<std::uint8_t*>(of.data()), reinterpret_cast<std::uint8_t*>(held.data()), of.size(),
              held.size(), 0};
    };
    const std::array<nghttp2_nv, 2> headers = {header(name, value), header(pointing, location)};
    nghttp2_data_provider provider{};
    provider.source.ptr = &request;
    provider.read_callback = [](nghttp2_session*, std::int32_t, std::uint8_t* out, std::size_t room,
                                std::uint32_t* flags, nghttp2_data_source* source, void*) -> ssize_t {
      Request& one = *static_cast<Request*>(source->ptr);
      const std::size_t taken = one.answer.copy(reinterpret_cast<char*>(out), room, one.sent);
      one.sent += taken;
      if (one.sent == one.answer.size()) *flags |= NGHTTP2_DATA_FLAG_EOF;
      return static_cast<ssize_t>(taken);
    };
    nghttp2_submit_response(session_, stream, headers.data(), location.empty() ? 1 : 2, &provider);
    if (options_.goodbye_after != 0 && answered_ == options_.goodbye_after) {
      nghttp2_submit_goaway(session_, NGHTTP2_FLAG_NONE, stream, NGHTTP2_NO_ERROR, nullptr, 0);
    }
  }

  std::string output() {
    std::string all;
    const std::uint8_t* bytes = nullptr;
    for (ssize_t n = nghttp2_session_mem_send(session_, &bytes); n > 0; n = nghttp2_session_mem_send(session_, &bytes))
      all.append(reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(n));
    return all;
  }

  const SecureServerOptions& options_;
  nghttp2_session* session_ = nullptr;
  std::map<std::int32_t, Request> requests_;
  std::atomic<std::int64_t>& streams_;
  int answered_ = 0;
};

}  // namespace

struct SecureServer::Context {
  SSL_CTX* tls = nullptr;
  ~Context() { SSL_CTX_free(tls); }
};

SecureServer::SecureServer(SecureServerOptions options) : options_(std::move(options)), context_(new Context) {
  signal(SIGPIPE, SIG_IGN);  // OpenSSL writes to sockets whose other end may be gone
  context_->tls = SSL_CTX_new(TLS_server_method());
  SSL_CTX_set_max_proto_version(context_->tls, options_.highest_version);
  EVP_PKEY* const key = EVP_EC_gen("P-256");
  X509* const certificate = X509_new();
  X509_set_version(certificate, 2);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate), -3600);
  X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
  X509_set_pubkey(certificate, key);
  X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>("fake"), -1, -1, 0);
  X509_set_issuer_name(certificate, X509_get_subject_name(certificate));
  const std::string names = "DNS:" + options_.name;
  X509_EXTENSION* const extension = X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, names.c_str());
  X509_add_ext(certificate, extension, -1);
  X509_EXTENSION_free(extension);
  X509_sign(certificate, key, EVP_sha256());
  SSL_CTX_use_certificate(context_->tls, certificate);
  SSL_CTX_use_PrivateKey(context_->tls, key);
  SSL_CTX_set_alpn_select_cb(context_->tls, choose_protocol, const_cast<bool*>(&options_.http2));

  listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  CHECK(bind(listener_, reinterpret_cast<const sockaddr*>(&address), size) == 0 && listen(listener_, 1024) == 0 &&
            getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) == 0,
        "listening on loopback");
  port_ = ntohs(address.sin_port);
  certificate_file_ = fmt::format("/tmp/dyno-secure-server-{}-{}.pem", getpid(), port_);
  FILE* const file = fopen(certificate_file_.c_str(), "w");
  CHECK(file != nullptr, "writing the certificate");
  PEM_write_X509(file, certificate);
  fclose(file);
  X509_free(certificate);
  EVP_PKEY_free(key);
  thread_ = std::jthread([this] { serve(); });
}

SecureServer::~SecureServer() {
  stop_.store(true);
  thread_.join();
  close(listener_);
  unlink(certificate_file_.c_str());
}

void SecureServer::serve() {
  while (!stop_.load()) {
    pollfd descriptor{listener_, POLLIN, 0};
    if (poll(&descriptor, 1, 20) <= 0) continue;
    const int fd = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (fd < 0) continue;
    ++connections_;
    talks_.emplace_back([this, fd] { talk(fd); });
  }
  talks_.clear();
}

void SecureServer::talk(int fd) {
  const int on = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  SSL* ssl = nullptr;
  if (options_.tls) {
    ssl = SSL_new(context_->tls);
    SSL_set_fd(ssl, fd);
    if (SSL_accept(ssl) != 1) {
      SSL_free(ssl);
      close(fd);
      return;
    }
    if (SSL_session_reused(ssl) == 1) ++resumed_;
  }
  Channel channel(fd, ssl);
  if (options_.http2) Streams(options_, streams_).talk(channel, stop_);
  else talk_http1(channel, stop_);
}

}  // namespace dyno::fakes
