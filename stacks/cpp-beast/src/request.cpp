#include "request.h"

#include <array>
#include <charconv>

namespace {

// Percent-encoding; a broken escape stays as it is. A plus is a space in a query only.
std::string decode(std::string_view text, bool is_query) {
  std::string decoded;
  decoded.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    unsigned byte = 0;
    if (text[i] == '%' && i + 2 < text.size() && std::from_chars(&text[i + 1], &text[i] + 3, byte, 16).ptr == &text[i] + 3) {
      decoded += static_cast<char>(byte);
      i += 2;
    } else {
      decoded += is_query && text[i] == '+' ? ' ' : text[i];
    }
  }
  return decoded;
}

}  // namespace

Request::Request(Stream& stream, beast::flat_buffer& buffer, Parser& parser) : stream_(stream), buffer_(buffer), parser_(parser) {
  const auto found = head().target();
  const std::string_view target(found.data(), found.size());
  const std::size_t mark = target.find('?');
  path_ = decode(target.substr(0, mark), false);
  if (mark != std::string_view::npos) query_ = target.substr(mark + 1);
}

std::optional<std::string> Request::query(std::string_view name) const {
  std::string_view rest = query_;
  while (!rest.empty()) {
    const std::size_t end = rest.find('&');
    const std::string_view pair = rest.substr(0, end);
    const std::size_t equals = pair.find('=');
    if (pair.substr(0, equals) == name) {
      return equals == std::string_view::npos ? std::string() : decode(pair.substr(equals + 1), true);
    }
    if (end == std::string_view::npos) break;
    rest.remove_prefix(end + 1);
  }
  return std::nullopt;
}

template <typename Taker>
Task<bool> Request::read_body_into(std::size_t limit, Taker take) {
  std::array<char, 16384> block;
  std::size_t size = 0;
  auto& body = parser_.get().body();
  while (!parser_.is_done()) {
    body.data = block.data();
    body.size = block.size();
    boost::system::error_code error;
    co_await http::async_read(stream_, buffer_, parser_, asio::redirect_error(use_task, error));
    if (error && error != http::error::need_buffer) throw boost::system::system_error(error);
    const std::size_t got = block.size() - body.size;
    size += got;
    if (size > limit) co_return false;
    take(block.data(), got);
  }
  co_return true;
}

Task<std::optional<std::string>> Request::read_body(std::size_t limit) {
  std::string body;
  const bool is_whole = co_await read_body_into(limit, [&body](const char* data, std::size_t size) { body.append(data, size); });
  co_return is_whole ? std::optional<std::string>(std::move(body)) : std::nullopt;
}

Task<std::optional<std::size_t>> Request::count_body(std::size_t limit) {
  std::size_t bytes = 0;
  const bool is_whole = co_await read_body_into(limit, [&bytes](const char*, std::size_t size) { bytes += size; });
  co_return is_whole ? std::optional<std::size_t>(bytes) : std::nullopt;
}
