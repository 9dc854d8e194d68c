#include "runners/load/url.h"

#include <algorithm>
#include <array>
#include <optional>

#include <arpa/inet.h>
#include <fmt/format.h>

#include "base/encoding.h"
#include "base/text.h"

namespace dyno::loadgen {
namespace {

constexpr std::size_t kShown = 100;
constexpr std::array<std::string_view, 4> kSchemes{"http", "https", "ws", "wss"};  // in the order of Scheme

tl::unexpected<Error> bad(std::string message) { return fail(ErrorCode::invalid_argument, std::move(message)); }

int default_port(Scheme scheme) { return scheme == Scheme::https || scheme == Scheme::wss ? 443 : 80; }

// What a message may show of it: nothing that stands before an @, wherever it is, for a password may hold anything.
std::string shown(std::string_view text) {
  const std::size_t scheme = text.find("://");
  const std::size_t begin = scheme == std::string_view::npos ? 0 : scheme + 3;
  const std::size_t at = text.rfind('@');
  if (at == std::string_view::npos || at < begin) return visible(text, kShown);
  return visible(fmt::format("{}***{}", text.substr(0, begin), text.substr(at)), kShown);
}

// Printable ASCII goes out as it is, but for what a request line or a URL cannot hold.
bool stays_in_target(char c) {
  constexpr std::string_view kNot = "\"<>`";
  return c > ' ' && c < 0x7f && kNot.find(c) == std::string_view::npos;
}

std::optional<int> port_of(std::string_view digits) {
  if (digits.empty() || digits.size() > 5 || digits.find_first_not_of("0123456789") != std::string_view::npos)
    return std::nullopt;
  int port = 0;
  for (const char c : digits) port = port * 10 + (c - '0');
  return port >= 1 && port <= 65'535 ? std::optional<int>(port) : std::nullopt;
}

bool is_host_name(std::string_view host) {
  return !host.empty() && host.size() <= 253 &&
         std::all_of(host.begin(), host.end(), [](char c) { return is_unreserved(c); });
}

// Its messages hold nothing of the text, which may be a part of a password: who calls adds what may be shown.
Result<std::string> host_of(std::string_view text) {
  if (text.starts_with('[')) {
    if (text.size() < 4 || text.back() != ']') return bad("an IPv6 address stands in brackets, such as [::1]");
    const std::string address(text.substr(1, text.size() - 2));
    in6_addr parsed{};
    if (inet_pton(AF_INET6, address.c_str(), &parsed) != 1)
      return bad("what stands in brackets is not an IPv6 address");
    return lower(address);
  }
  if (text.empty()) return bad("there is no host");
  if (text.find(':') != std::string_view::npos) return bad("an IPv6 address stands in brackets, such as [::1]");
  if (std::any_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) >= 0x80; }))
    return bad("the host's name is not ASCII: write it as DNS has it (xn--…)");
  if (!is_host_name(text)) return bad("the host's name has other characters than letters, digits, dots and dashes");
  return lower(text);
}

// host, host:port, [address]:port; the port is empty where there is none.
struct HostPort {
  std::string_view host;
  std::optional<std::string_view> port{};
};
HostPort split_port(std::string_view text) {
  const std::size_t bracket = text.starts_with('[') ? text.find(']') : std::string_view::npos;
  const std::size_t colon = bracket == std::string_view::npos ? text.rfind(':') : text.find(':', bracket);
  if (colon == std::string_view::npos) return {text, std::nullopt};
  // Several colons without brackets: whoever wrote it meant an address.
  if (bracket == std::string_view::npos && text.find(':') != colon) return {text, std::nullopt};
  return {text.substr(0, colon), text.substr(colon + 1)};
}

std::string bracketed(const std::string& host) { return host.find(':') == std::string::npos ? host : "[" + host + "]"; }

Status read_authority(std::string_view authority, Url& url) {
  if (const std::size_t at = authority.rfind('@'); at != std::string_view::npos) {
    auto credentials = percent_decoded(authority.substr(0, at));
    if (!credentials) return bad("user or password: a % stands before two hexadecimal digits (%25 is a %)");
    if (credentials->find(':') == std::string::npos && !credentials->empty()) *credentials += ':';
    url.credentials = std::move(*credentials);
    authority.remove_prefix(at + 1);
  }
  const HostPort parts = split_port(authority);
  auto host = host_of(parts.host);
  if (!host) return fail(host.error());
  url.host = std::move(*host);
  url.port = default_port(url.scheme);
  if (!parts.port || parts.port->empty()) return {};
  const auto port = port_of(*parts.port);
  if (!port) return bad("the port is not a number from 1 to 65535");
  url.port = *port;
  return {};
}

}  // namespace

// Names of columns and ranges, between braces, are no part of what is sent.
std::string encoded_target(std::string_view text) {
  std::string target;
  while (!text.empty()) {
    const std::size_t open = std::min(text.find('{'), text.size());
    const std::size_t close = text.find('}', open);
    const std::size_t end = close == std::string_view::npos ? text.size() : close + 1;
    target += percent_encoded(text.substr(0, open), stays_in_target);
    target += close == std::string_view::npos ? percent_encoded(text.substr(open), stays_in_target)
                                              : std::string(text.substr(open, end - open));
    text.remove_prefix(end);
  }
  return target;
}

std::string_view to_string(Scheme scheme) { return kSchemes[static_cast<std::size_t>(scheme)]; }

std::string Url::authority() const {
  return port == default_port(scheme) ? bracketed(host) : fmt::format("{}:{}", bracketed(host), port);
}

std::string Url::text() const { return fmt::format("{}://{}{}", to_string(scheme), authority(), target); }

Result<Url> parse_url(std::string_view text) {
  if (std::any_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < ' ' || c == 0x7f; }))
    return bad(fmt::format("{}: a URL has no control characters", shown(text)));
  const std::size_t end_of_scheme = text.find("://");
  if (end_of_scheme == std::string_view::npos ||
      text.substr(0, end_of_scheme).find_first_of("/?#@") != std::string_view::npos)
    return bad(
        fmt::format("{} has no scheme: write http://{}, or https://, ws:// or wss://", shown(text), shown(text)));
  const std::string name = lower(text.substr(0, end_of_scheme));
  const auto* const scheme = std::find(kSchemes.begin(), kSchemes.end(), name);
  if (scheme == kSchemes.end()) {
    return bad(fmt::format("{}: dyno-load speaks http://, https://, ws:// and wss://, not {}://", shown(text),
                           visible(name, kShown)));
  }
  Url url;
  url.scheme = static_cast<Scheme>(scheme - kSchemes.begin());
  std::string_view rest = text.substr(end_of_scheme + 3);
  rest = rest.substr(0, rest.find('#'));  // a fragment stays with who follows the link
  const std::size_t end = std::min(rest.find_first_of("/?"), rest.size());
  const Status read = read_authority(rest.substr(0, end), url);
  if (!read) return fail(read.error(), shown(text));
  url.target = encoded_target(rest.substr(end));
  if (!url.target.starts_with('/')) url.target.insert(url.target.begin(), '/');
  return url;
}

Result<Endpoint> parse_endpoint(std::string_view text) {
  const HostPort parts = split_port(text);
  auto host = host_of(parts.host);
  if (!host) return fail(host.error());
  const auto port = port_of(parts.port.value_or(""));
  if (!port) return bad("there is no port from 1 to 65535");
  return Endpoint{std::move(*host), *port};
}

}  // namespace dyno::loadgen
