// TLS over another transport: what the worker sends is encrypted on its way down, what comes in decrypted on its way up, and a
// connection is open when its handshake is done. OpenSSL works on memory alone: the sockets belong to the transport below. Sessions
// are resumed when the spec says so: the newest of this worker. Owned and called by one thread.
#pragma once

#include <array>
#include <memory>
#include <string>
#include <vector>

#include "runners/load/transport/transport.h"

struct ssl_st;  // of OpenSSL, which only the source includes
struct ssl_ctx_st;
struct ssl_session_st;

namespace dyno::loadgen {

// One connection's state, which OpenSSL reads from and writes to.
struct TlsPipe {
  std::string_view in;             // not yet decrypted; lives as long as the call that brings it
  std::array<std::string, 2> out;  // encrypted; one half is on its way while the other is filled
  int filling = 0;
  bool is_stale = false;  // what the half to be filled holds was sent before
};

class TlsTransport final : public Transport, private TransportListener {
 public:
  // Fails where the certificates to trust cannot be read. `host` is what the certificate must name.
  static Result<std::unique_ptr<Transport>> make(std::unique_ptr<Transport> below, const TlsSpec& spec,
                                                 std::size_t slots);
  ~TlsTransport() override;
  TlsTransport(const TlsTransport&) = delete;
  TlsTransport& operator=(const TlsTransport&) = delete;

  void open(Slot slot) override;
  void send(Slot slot, std::string_view bytes) override;
  void submit() override { below_->submit(); }
  bool has_sent(Slot slot) const override { return below_->has_sent(slot); }
  void close(Slot slot) override;
  void leave(Slot slot) override;
  void close_sockets() override { below_->close_sockets(); }
  void poll(std::int64_t timeout_ns, TransportListener& listener) override;
  std::vector<int> descriptors() const override { return below_->descriptors(); }
  std::string_view name() const override { return below_->name(); }
  std::string security() const override;
  std::string trouble() const override { return trouble_; }

 private:
  struct Connection {
    ssl_st* ssl = nullptr;
    std::uint32_t generation = 0;
    bool is_open = false;
    std::unique_ptr<TlsPipe> pipe;
  };

  TlsTransport(std::unique_ptr<Transport> below, const TlsSpec& spec, std::size_t slots);
  Status set_up();
  static int keep_session(ssl_st* ssl, ssl_session_st* session);

  void on_wake() override { listener_->on_wake(); }
  void on_open(Slot slot) override;
  void on_bytes(Slot slot, std::string_view bytes) override;
  void on_sent(Slot slot) override;
  void on_end(Slot slot, int error) override;

  bool shake_hands(Slot slot);  // false: the connection is gone
  void read(Slot slot);
  void flush(Slot slot);
  void fail(Slot slot, std::string_view doing);
  void drop(Connection& connection);

  const std::unique_ptr<Transport> below_;
  const TlsSpec spec_;
  ssl_ctx_st* context_ = nullptr;
  ssl_session_st* session_ = nullptr;
  std::vector<Connection> connections_;
  std::unique_ptr<char[]> plain_;
  TransportListener* listener_ = nullptr;  // during poll()
  std::string version_;                    // of the newest handshake
  std::int64_t handshakes_ = 0;
  std::int64_t resumed_ = 0;
  std::string trouble_;
};

}  // namespace dyno::loadgen
