#include "runners/load/transport/tls_transport.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include <arpa/inet.h>
#include <fmt/format.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

namespace dyno::loadgen {
namespace {

constexpr std::size_t kPlainBytes = 16 * 1024;  // the largest record

TlsPipe& pipe_of(BIO* bio) { return *static_cast<TlsPipe*>(BIO_get_data(bio)); }

int bio_write(BIO* bio, const char* bytes, int size) {
  TlsPipe& pipe = pipe_of(bio);
  std::string& half = pipe.out[static_cast<std::size_t>(pipe.filling)];
  // Emptied as late as this: when the other half was flushed this one could still be on its way.
  if (std::exchange(pipe.is_stale, false)) half.clear();
  half.append(bytes, static_cast<std::size_t>(size));
  return size;
}

int bio_read(BIO* bio, char* bytes, int size) {
  TlsPipe& pipe = pipe_of(bio);
  BIO_clear_retry_flags(bio);
  if (pipe.in.empty()) {
    BIO_set_retry_read(bio);
    return -1;
  }
  const std::size_t taken = std::min(pipe.in.size(), static_cast<std::size_t>(size));
  std::memcpy(bytes, pipe.in.data(), taken);
  pipe.in.remove_prefix(taken);
  return static_cast<int>(taken);
}

long bio_control(BIO* /*bio*/, int command, long /*number*/, void* /*pointer*/) {
  return command == BIO_CTRL_FLUSH ? 1 : 0;
}

int bio_create(BIO* bio) {
  BIO_set_init(bio, 1);
  return 1;
}

BIO_METHOD* pipe_method() {
  static BIO_METHOD* const method = [] {
    BIO_METHOD* made = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "pipe");
    BIO_meth_set_write(made, bio_write);
    BIO_meth_set_read(made, bio_read);
    BIO_meth_set_ctrl(made, bio_control);
    BIO_meth_set_create(made, bio_create);
    return made;
  }();
  return method;
}

bool is_ip(const std::string& host) {
  in6_addr address{};
  return inet_pton(AF_INET, host.c_str(), &address) == 1 || inet_pton(AF_INET6, host.c_str(), &address) == 1;
}

std::string openssl_words() {
  const unsigned long error = ERR_peek_last_error();
  ERR_clear_error();
  if (ERR_GET_LIB(error) == ERR_LIB_SSL && ERR_GET_REASON(error) == SSL_R_WRONG_VERSION_NUMBER)
    return "what came is no TLS";
  if (const char* const reason = ERR_reason_error_string(error); reason != nullptr) return reason;
  std::array<char, 256> text{};
  ERR_error_string_n(error, text.data(), text.size());
  return text.data();
}

}  // namespace

Result<std::unique_ptr<Transport>> TlsTransport::make(std::unique_ptr<Transport> below, const TlsSpec& spec,
                                                      std::size_t slots) {
  std::unique_ptr<TlsTransport> transport(new TlsTransport(std::move(below), spec, slots));
  const Status status = transport->set_up();
  if (!status) return dyno::fail(status.error());
  return transport;
}

TlsTransport::TlsTransport(std::unique_ptr<Transport> below, const TlsSpec& spec, std::size_t slots)
    : below_(std::move(below)), spec_(spec), connections_(slots), plain_(new char[kPlainBytes]) {}

TlsTransport::~TlsTransport() {
  for (Connection& connection : connections_) drop(connection);
  if (session_ != nullptr) SSL_SESSION_free(session_);
  if (context_ != nullptr) SSL_CTX_free(context_);
}

Status TlsTransport::set_up() {
  context_ = SSL_CTX_new(TLS_client_method());
  if (context_ == nullptr) return dyno::fail(ErrorCode::internal, "TLS: " + openssl_words());
  const int lowest = spec_.version == TlsVersion::v1_3 ? TLS1_3_VERSION : TLS1_2_VERSION;
  const int highest = spec_.version == TlsVersion::v1_2 ? TLS1_2_VERSION : TLS1_3_VERSION;
  SSL_CTX_set_min_proto_version(context_, lowest);
  SSL_CTX_set_max_proto_version(context_, highest);
  // Idle connections then hold no record buffers: at thousands of connections they are most of the memory.
  SSL_CTX_set_mode(context_, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_CTX_set_read_ahead(context_, 1);  // a record's head and body in one read
  SSL_CTX_set_session_cache_mode(context_, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
  if (spec_.resume) {
    SSL_CTX_set_ex_data(context_, 0, this);
    SSL_CTX_sess_set_new_cb(context_, keep_session);
  } else {
    SSL_CTX_set_options(context_, SSL_OP_NO_TICKET);
  }
  constexpr std::array<unsigned char, 12> kOffers = {2, 'h', '2', 8, 'h', 't', 't', 'p', '/', '1', '.', '1'};
  if (spec_.http2) SSL_CTX_set_alpn_protos(context_, kOffers.data(), 3);
  else SSL_CTX_set_alpn_protos(context_, kOffers.data() + 3, 9);
  SSL_CTX_set_verify(context_, spec_.verify ? SSL_VERIFY_PEER : SSL_VERIFY_NONE, nullptr);
  if (!spec_.verify) return {};
  const bool trusted = spec_.ca_file.empty()
                           ? SSL_CTX_set_default_verify_paths(context_) == 1
                           : SSL_CTX_load_verify_locations(context_, spec_.ca_file.c_str(), nullptr) == 1;
  if (trusted) return {};
  return dyno::fail(ErrorCode::invalid_argument,
                    fmt::format("reading the certificates to trust from {}: {}",
                                spec_.ca_file.empty() ? "the system" : spec_.ca_file, openssl_words()));
}

int TlsTransport::keep_session(SSL* ssl, SSL_SESSION* session) {
  auto* self = static_cast<TlsTransport*>(SSL_CTX_get_ex_data(SSL_get_SSL_CTX(ssl), 0));
  if (self->session_ != nullptr) SSL_SESSION_free(self->session_);
  self->session_ = session;
  return 1;  // ours now
}

void TlsTransport::drop(Connection& connection) {
  ++connection.generation;
  connection.is_open = false;
  if (connection.ssl == nullptr) return;
  // Without it OpenSSL takes the session of a connection that was cut for a bad one and never resumes it.
  SSL_set_shutdown(connection.ssl, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
  SSL_free(std::exchange(connection.ssl, nullptr));
}

void TlsTransport::open(Slot slot) {
  Connection& connection = connections_[slot];
  drop(connection);
  if (!connection.pipe) connection.pipe = std::make_unique<TlsPipe>();
  connection.pipe->in = {};
  for (std::string& half : connection.pipe->out) half.clear();
  connection.pipe->is_stale = false;
  connection.ssl = SSL_new(context_);
  BIO* const bio = BIO_new(pipe_method());
  BIO_set_data(bio, connection.pipe.get());
  SSL_set_bio(connection.ssl, bio, bio);
  SSL_set_connect_state(connection.ssl);
  if (!spec_.host.empty() && is_ip(spec_.host)) {
    if (spec_.verify) X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(connection.ssl), spec_.host.c_str());
  } else if (!spec_.host.empty()) {
    // What the macro SSL_set_tlsext_host_name does, without its casts.
    SSL_ctrl(connection.ssl, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
             const_cast<char*>(spec_.host.c_str()));
    if (spec_.verify) SSL_set1_host(connection.ssl, spec_.host.c_str());
  }
  if (session_ != nullptr && spec_.resume) SSL_set_session(connection.ssl, session_);
  below_->open(slot);
}

void TlsTransport::close(Slot slot) {
  below_->close(slot);
  drop(connections_[slot]);
}

void TlsTransport::leave(Slot slot) {
  below_->leave(slot);
  drop(connections_[slot]);
}

void TlsTransport::poll(std::int64_t timeout_ns, TransportListener& listener) {
  listener_ = &listener;
  below_->poll(timeout_ns, *this);
}

// The half goes down whole. It is filled again only after the other has been sent and answered, so nobody writes under the sender.
void TlsTransport::flush(Slot slot) {
  TlsPipe& pipe = *connections_[slot].pipe;
  const std::string& half = pipe.out[static_cast<std::size_t>(pipe.filling)];
  if (half.empty() || pipe.is_stale) return;
  pipe.filling ^= 1;
  pipe.is_stale = true;
  below_->send(slot, half);
}

void TlsTransport::send(Slot slot, std::string_view bytes) {
  SSL* const ssl = connections_[slot].ssl;
  // Memory takes all of it at once.
  if (SSL_write(ssl, bytes.data(), static_cast<int>(bytes.size())) <= 0) trouble_ = "writing: " + openssl_words();
  flush(slot);
}

void TlsTransport::fail(Slot slot, std::string_view doing) {
  const long verdict = SSL_get_verify_result(connections_[slot].ssl);
  trouble_ = fmt::format("TLS, {}: {}", doing,
                         verdict == X509_V_OK ? openssl_words() : X509_verify_cert_error_string(verdict));
  ERR_clear_error();
  flush(slot);  // the alert that tells the server why
  close(slot);
  listener_->on_end(slot, EPROTO);
}

bool TlsTransport::shake_hands(Slot slot) {
  Connection& connection = connections_[slot];
  const int rc = SSL_do_handshake(connection.ssl);
  if (rc != 1) {
    if (SSL_get_error(connection.ssl, rc) != SSL_ERROR_WANT_READ) {
      fail(slot, "shaking hands");
      return false;
    }
    flush(slot);
    return true;
  }
  const std::uint32_t generation = connection.generation;
  const unsigned char* chosen = nullptr;
  unsigned int chosen_size = 0;
  SSL_get0_alpn_selected(connection.ssl, &chosen, &chosen_size);
  if (spec_.http2 && chosen_size != 2) {
    trouble_ = "TLS: the server does not offer HTTP/2 (ALPN h2)";
    close(slot);
    listener_->on_end(slot, EPROTO);
    return false;
  }
  connection.is_open = true;
  ++handshakes_;
  resumed_ += SSL_session_reused(connection.ssl) == 1 ? 1 : 0;
  if (version_.empty())
    version_ = fmt::format("{} {}", SSL_get_version(connection.ssl), SSL_get_cipher(connection.ssl));
  // Not flushed yet: the last flight of the handshake goes out together with the first request.
  listener_->on_open(slot);
  if (connection.generation != generation) return false;
  flush(slot);
  return true;
}

void TlsTransport::on_open(Slot slot) { shake_hands(slot); }

void TlsTransport::on_bytes(Slot slot, std::string_view bytes) {
  Connection& connection = connections_[slot];
  const std::uint32_t generation = connection.generation;
  connection.pipe->in = bytes;
  if (!connection.is_open && !shake_hands(slot)) return;
  if (connection.is_open) read(slot);
  if (connection.generation == generation) connection.pipe->in = {};
}

void TlsTransport::on_sent(Slot slot) {
  if (connections_[slot].is_open) listener_->on_sent(slot);
}

void TlsTransport::read(Slot slot) {
  Connection& connection = connections_[slot];
  const std::uint32_t generation = connection.generation;
  do {
    const int n = SSL_read(connection.ssl, plain_.get(), kPlainBytes);
    if (n <= 0) {
      const int why = SSL_get_error(connection.ssl, n);
      if (why == SSL_ERROR_WANT_READ) break;
      if (why != SSL_ERROR_ZERO_RETURN) return fail(slot, "reading");
      leave(slot);  // the server says goodbye
      return listener_->on_end(slot, 0);
    }
    listener_->on_bytes(slot, {plain_.get(), static_cast<std::size_t>(n)});
    if (connection.generation != generation) return;
  } while (!connection.pipe->in.empty() || SSL_has_pending(connection.ssl) == 1);
  flush(slot);  // what the protocol itself answers, such as a key update
}

void TlsTransport::on_end(Slot slot, int error) {
  // An end without a goodbye may be a cut: nothing that runs until the end of the connection is whole then.
  const bool said_goodbye =
      connections_[slot].ssl != nullptr && (SSL_get_shutdown(connections_[slot].ssl) & SSL_RECEIVED_SHUTDOWN) != 0;
  const bool was_accepted = error == 0 || error == ECONNRESET || error == EPIPE;
  if (!connections_[slot].is_open && was_accepted && trouble_.empty())
    trouble_ = "TLS, shaking hands: the server ended the connection";
  drop(connections_[slot]);
  listener_->on_end(slot, error != 0 || said_goodbye ? error : ECONNRESET);
}

std::string TlsTransport::security() const {
  return fmt::format("{}, {}, {} handshakes of which {} resumed", version_.empty() ? "no handshake" : version_,
                     spec_.verify ? "verified" : "not verified", handshakes_, resumed_);
}

}  // namespace dyno::loadgen
