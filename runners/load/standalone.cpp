#include "runners/load/modes.h"

#include <algorithm>
#include <cstdio>
#include <optional>
#include <string>

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netdb.h>
#include <CLI/CLI.hpp>

#include "base/file.h"
#include "base/text.h"
#include "runners/load/report.h"
#include "runners/load/run_load.h"

namespace dyno::loadgen {
namespace {

struct Options {
  std::string url;
  std::string duration = "10s";
  std::string warm_up = "1s";
  std::string timeout = "10s";
  std::string cpus;
  std::string transport = "auto";
  std::vector<std::string> headers;
  bool poisson = false;
  bool spin = false;
  bool json = false;
  bool insecure = false;
  bool http2 = false;
  bool no_resume = false;
  std::string tls;
  std::string curve;
  std::string csv;
  std::int64_t message_bytes = 64;
};

std::optional<std::string> resolve(const std::string& host) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (getaddrinfo(host.c_str(), nullptr, &hints, &found) != 0) return std::nullopt;
  char text[INET6_ADDRSTRLEN] = {};
  const void* address = nullptr;
  if (found->ai_family == AF_INET) address = &reinterpret_cast<const sockaddr_in*>(found->ai_addr)->sin_addr;
  if (found->ai_family == AF_INET6) address = &reinterpret_cast<const sockaddr_in6*>(found->ai_addr)->sin6_addr;
  const bool good = address != nullptr && inet_ntop(found->ai_family, address, text, sizeof text) != nullptr;
  freeaddrinfo(found);
  return good ? std::optional<std::string>(text) : std::nullopt;
}

// http://host[:port][/path], or https, ws, wss; the Host header says what the address bar would.
Status read_url(std::string_view url, LoadSpec& spec) {
  const std::size_t scheme = url.find("://");
  const std::string_view name = url.substr(0, std::min(scheme, url.size()));
  const bool known = name == "http" || name == "https" || name == "ws" || name == "wss";
  if (scheme == std::string_view::npos || !known)
    return fail(ErrorCode::invalid_argument, "the address must begin with http://, https://, ws:// or wss://");
  if (name.starts_with("ws")) spec.protocol = Protocol::websocket;
  spec.tls.is_used = name.ends_with('s') && name != "ws";
  url.remove_prefix(scheme + 3);
  const std::size_t slash = std::min(url.find('/'), url.size());
  const std::string authority(url.substr(0, slash));
  const std::size_t colon = authority.rfind(':');
  const bool has_port = colon != std::string::npos && authority.find(']', colon) == std::string::npos;
  std::string host = authority.substr(0, has_port ? colon : authority.size());
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
  const auto port = has_port ? parse_int(std::string_view(authority).substr(colon + 1))
                             : std::optional<std::int64_t>(spec.tls.is_used ? 443 : 80);
  if (!port || *port < 1 || *port > 65535) return fail(ErrorCode::invalid_argument, "no port in " + authority);
  const auto address = resolve(host);
  if (!address) return fail(ErrorCode::not_found, "no address for " + host);
  spec.target.address = *address;
  spec.target.port = static_cast<int>(*port);
  if (spec.tls.host.empty()) spec.tls.host = host;
  RequestSpec& request = spec.requests.front();
  request.target = slash == url.size() ? "/" : std::string(url.substr(slash));
  request.headers.emplace_back("Host", authority);
  return {};
}

constexpr std::size_t kMostFileBytes = std::size_t{1} << 30U;

// "@name" is the content of a file.
Result<std::string> text_or_file(const std::string& text) {
  if (!text.starts_with('@')) return text;
  auto bytes = read_file(text.substr(1), kMostFileBytes, FileKind::regular_or_pipe);
  if (!bytes) return fail(bytes.error().error());
  return std::move(*bytes);
}

// What only some protocols have: the stream's request, and messages of a given size.
void apply_protocol(const Options& options, LoadSpec& spec) {
  if (spec.subscribers > 0) spec.protocol = Protocol::sse;
  if (options.http2) spec.protocol = Protocol::http2;
  if (spec.protocol == Protocol::http1 || spec.protocol == Protocol::http2) return;
  RequestSpec& request = spec.requests.front();
  spec.stream = request;
  spec.stream.method = "GET";
  spec.stream.body.clear();
  spec.stream.body_bytes = 0;
  if (request.body.empty()) request.body_bytes = options.message_bytes;
  if (spec.protocol == Protocol::sse) request.method = "POST";
}

Status apply_files(const Options& options, LoadSpec& spec) {
  RequestSpec& request = spec.requests.front();
  auto body = text_or_file(request.body);
  if (!body) return fail(body.error());
  request.body = std::move(*body);
  if (options.csv.empty()) return {};
  const auto text = text_or_file("@" + options.csv);
  if (!text) return fail(text.error());
  auto table = read_csv(*text, options.csv);
  if (!table) return fail(table.error());
  spec.table = std::move(*table);
  return {};
}

Status apply(const Options& options, LoadSpec& spec) {
  Status url = read_url(options.url, spec);
  if (!url) return url;
  Status files = apply_files(options, spec);
  if (!files) return files;
  const auto curve = read_curve(options.curve);
  if (!curve) return fail(curve.error());
  spec.curve = *curve;
  for (const RatePoint& point : spec.curve) spec.rate_per_s = std::max(spec.rate_per_s, point.per_s);
  const auto duration = parse_duration(options.duration);
  const auto warm_up = parse_duration(options.warm_up);
  const auto timeout = parse_duration(options.timeout);
  if (!duration || !warm_up || !timeout)
    return fail(ErrorCode::invalid_argument, "a duration needs a number and a unit, such as 10s");
  spec.measure_ns = duration->count();
  spec.warm_up_ns = warm_up->count();
  spec.timeout_ns = timeout->count();
  const auto cpus = read_cpus(options.cpus);
  if (!cpus) return fail(cpus.error());
  spec.cpus = *cpus;
  spec.open_loop = spec.rate_per_s > 0;
  spec.arrivals = options.poisson ? Arrivals::poisson : Arrivals::even;
  spec.wait = options.spin ? WaitMode::hybrid : WaitMode::sleep;
  spec.transport = options.transport == "epoll"      ? TransportKind::epoll
                   : options.transport == "io_uring" ? TransportKind::io_uring
                                                     : TransportKind::automatic;
  for (const std::string& header : options.headers) {
    const std::size_t colon = header.find(':');
    if (colon == std::string::npos) return fail(ErrorCode::invalid_argument, "a header needs a colon: " + header);
    spec.requests.front().headers.emplace_back(header.substr(0, colon),
                                               std::string(trim(std::string_view(header).substr(colon + 1))));
  }
  spec.tls.verify = !options.insecure;
  spec.tls.resume = !options.no_resume;
  spec.tls.version = options.tls == "1.2"   ? TlsVersion::v1_2
                     : options.tls == "1.3" ? TlsVersion::v1_3
                                            : TlsVersion::any;
  apply_protocol(options, spec);
  return check_load_spec(spec);
}

void add_where(CLI::App& cli, Options& options, LoadSpec& spec) {
  cli.add_option("url", options.url,
                 "http://, https://, ws:// or wss://host:port/path; in the path {a..b} is a random number and {name} a "
                 "column of the CSV file, "
                 "new for each request")
      ->required();
  cli.add_option("-c,--connections", spec.connections, "connections")->capture_default_str();
  cli.add_option("-t,--timeout", options.timeout, "of one request")->capture_default_str();
  cli.add_option("--cpus", options.cpus, "one thread pinned to each, such as 0,1");
  cli.add_option("--transport", options.transport, "auto, epoll or io_uring")
      ->check(CLI::IsMember({"auto", "epoll", "io_uring"}));
  cli.add_flag("--spin", options.spin,
               "spin before each due time instead of sleeping up to it: exact, but takes its core whole");
  cli.add_flag("--json", options.json, "print JSON");
}

void add_load(CLI::App& cli, Options& options, LoadSpec& spec) {
  cli.add_option("-d,--duration", options.duration, "measured window, such as 10s")->capture_default_str();
  cli.add_option("-r,--rate", spec.rate_per_s, "requests per second (open loop); without it the closed loop saturates");
  cli.add_option("--curve", options.curve, "rates over the window: 0s:100,10s:5000 is a ramp, 5s:100,5s:900 a step");
  cli.add_option("-N,--requests", spec.requests_limit, "ends when so many were sent in the window and are done");
  cli.add_option("--error-limit", spec.error_limit, "ends when the share of errors is above, such as 0.1");
  cli.add_option("-w,--warm-up", options.warm_up, "before the window, not measured")->capture_default_str();
  cli.add_option("-p,--pipeline", spec.pipeline, "requests or messages in flight on one connection (closed loop)")
      ->capture_default_str();
  cli.add_option("-n,--per-connection", spec.requests_per_connection, "requests on one connection, then a new one");
  cli.add_flag("--poisson", options.poisson, "random instead of even arrivals (open loop)");
}

void add_request(CLI::App& cli, Options& options, LoadSpec& spec) {
  cli.add_option("-m,--method", spec.requests.front().method, "method")->capture_default_str();
  cli.add_option("-H,--header", options.headers, "header, \"Name: value\"; may be given again");
  cli.add_option("-b,--body", spec.requests.front().body, "body; @name is a file");
  cli.add_option("--body-bytes", spec.requests.front().body_bytes, "a generated body of so many bytes");
  cli.add_flag("--fill-body", spec.requests.front().fills_body, "draw {a..b} and {name} in the body too");
  cli.add_option("--csv", options.csv, "file of values for {name}; its first line names the columns");
  cli.add_option("--message-bytes", options.message_bytes, "of a WebSocket or a published message")
      ->capture_default_str();
  cli.add_option("--subscribers", spec.subscribers,
                 "event streams (GET) held open while -r messages per second are published (POST) to the same address");
  cli.add_option("-s,--status", spec.requests.front().expected_status, "status of a good answer; default: any 2xx");
}

void add_secure(CLI::App& cli, Options& options, LoadSpec& spec) {
  cli.add_flag("--http2", options.http2, "HTTP/2, with -p streams on each connection; without TLS by prior knowledge");
  cli.add_flag("-k,--insecure", options.insecure, "accept any certificate");
  cli.add_option("--ca", spec.tls.ca_file, "file of the certificates to trust instead of the system's");
  cli.add_option("--tls", options.tls, "1.2 or 1.3; without it as the server prefers")
      ->check(CLI::IsMember({"1.2", "1.3"}));
  cli.add_flag("--no-resume", options.no_resume, "a full handshake for each connection");
}

}  // namespace

int standalone(int argc, char** argv) {
  LoadSpec spec;
  spec.connections = 64;
  spec.requests.emplace_back();
  spec.requests.front().expected_status = 0;
  Options options;
  CLI::App cli(
      "dyno-load: an HTTP load generator that measures latency from the moment a request was due.\n"
      "Further modes, for programs: dyno-load run | probe | exchange");
  add_where(cli, options, spec);
  add_load(cli, options, spec);
  add_request(cli, options, spec);
  add_secure(cli, options, spec);
  cli.set_version_flag("--version", DYNO_VERSION);
  CLI11_PARSE(cli, argc, argv);

  const Status applied = apply(options, spec);
  if (!applied) {
    fmt::print(stderr, "dyno-load: {}\n", applied.error().message);
    return 2;
  }
  const Result<LoadReport> report = run_load(spec, LoadEvents());
  if (!report) {
    fmt::print(stderr, "dyno-load: {}\n", report.error().message);
    return 1;
  }
  fmt::print("{}", options.json ? report_json(spec, *report) : report_text(spec, *report));
  return 0;
}

}  // namespace dyno::loadgen
