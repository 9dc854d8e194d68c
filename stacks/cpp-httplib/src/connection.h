#pragma once

// One client's connection. It does what the library's own stream does, with the same system calls in the same order,
// but lives as long as the connection: the library makes a new one for each request and with the old one drops what
// was read ahead, so that a request sent behind another was lost. One thread.

#include <httplib.h>

#include <array>
#include <chrono>
#include <cstddef>
#include <string>

class Connection final : public httplib::Stream {
 public:
  struct Timeouts {
    std::chrono::milliseconds read;
    std::chrono::milliseconds write;
  };

  Connection(socket_t socket, Timeouts timeouts) : socket_(socket), timeouts_(timeouts) {}

  bool is_readable() const override;
  bool is_writable() const override;
  ssize_t read(char* out, size_t size) override;
  ssize_t write(const char* data, size_t size) override;
  void get_remote_ip_and_port(std::string& ip, int& port) const override;
  void get_local_ip_and_port(std::string& ip, int& port) const override;
  socket_t socket() const override { return socket_; }

  // Something to read already, or within the time given.
  bool has_request(std::chrono::milliseconds wait) const;

  // To be called before each request, and when its head has been read. After the request: whether the next byte
  // is the first of another one. It is not when a head was broken or a body was refused before its end.
  void begin_request();
  void begin_body(const httplib::Request& request);
  bool is_at_next_request() const;

 private:
  socket_t socket_;
  Timeouts timeouts_;
  std::array<char, 4096> buffer_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  bool has_head_ = false;
  bool is_chunked_ = false;
  std::size_t body_left_ = 0;
  char status_class_ = 0;  // first digit of the status being answered
};
