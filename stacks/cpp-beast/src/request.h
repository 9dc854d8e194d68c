#pragma once

// One request whose head has been read: what it asks for, and its body, which the handler reads as it needs.

#include <optional>
#include <string>
#include <string_view>

#include "net.h"

class Request {
 public:
  using Parser = http::request_parser<http::buffer_body>;

  Request(Stream& stream, beast::flat_buffer& buffer, Parser& parser);

  const http::request<http::buffer_body>& head() const { return parser_.get(); }
  Stream& stream() { return stream_; }
  http::verb method() const { return head().method(); }
  const std::string& path() const { return path_; }

  // A parameter of the query, decoded; nothing when there is none of this name.
  std::optional<std::string> query(std::string_view name) const;

  // The body up to a limit; nothing when it is longer.
  Task<std::optional<std::string>> read_body(std::size_t limit);
  // The length of the body, of which nothing is kept; nothing when it is longer than the limit.
  Task<std::optional<std::size_t>> count_body(std::size_t limit);
  // No byte of the body is left unread.
  bool is_read() const { return parser_.is_done(); }

 private:
  template <typename Taker>
  Task<bool> read_body_into(std::size_t limit, Taker take);

  Stream& stream_;
  beast::flat_buffer& buffer_;
  Parser& parser_;
  std::string path_;
  std::string_view query_;
};
