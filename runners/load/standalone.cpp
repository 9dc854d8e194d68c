#include "runners/load/standalone.h"

#include <cstdio>
#include <optional>
#include <string>

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netdb.h>
#include <CLI/CLI.hpp>

#include "base/text.h"
#include "runners/load/report_text.h"
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

// http://host[:port][/path]; the Host header says what the address bar would.
Status read_url(std::string_view url, LoadSpec& spec) {
  constexpr std::string_view kScheme = "http://";
  if (!url.starts_with(kScheme)) return fail(ErrorCode::invalid_argument, "the address must begin with http://");
  url.remove_prefix(kScheme.size());
  const std::size_t slash = std::min(url.find('/'), url.size());
  const std::string authority(url.substr(0, slash));
  const std::size_t colon = authority.rfind(':');
  const bool has_port = colon != std::string::npos && authority.find(']', colon) == std::string::npos;
  std::string host = authority.substr(0, has_port ? colon : authority.size());
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
  const auto port =
      has_port ? parse_int(std::string_view(authority).substr(colon + 1)) : std::optional<std::int64_t>(80);
  if (!port || *port < 1 || *port > 65535) return fail(ErrorCode::invalid_argument, "no port in " + authority);
  const auto address = resolve(host);
  if (!address) return fail(ErrorCode::not_found, "no address for " + host);
  spec.target.address = *address;
  spec.target.port = static_cast<int>(*port);
  RequestSpec& request = spec.requests.front();
  request.target = slash == url.size() ? "/" : std::string(url.substr(slash));
  request.headers.emplace_back("Host", authority);
  return {};
}

Status apply(const Options& options, LoadSpec& spec) {
  Status url = read_url(options.url, spec);
  if (!url) return url;
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
  return check_load_spec(spec);
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
  cli.add_option("url", options.url,
                 "http://host:port/path; {a..b} in the path is a random number, new for each request")
      ->required();
  cli.add_option("-c,--connections", spec.connections, "connections")->capture_default_str();
  cli.add_option("-d,--duration", options.duration, "measured window, such as 10s")->capture_default_str();
  cli.add_option("-r,--rate", spec.rate_per_s, "requests a second (open loop); without it the closed loop saturates");
  cli.add_option("-w,--warm-up", options.warm_up, "before the window, not measured")->capture_default_str();
  cli.add_option("-p,--pipeline", spec.pipeline, "requests in flight on one connection (closed loop)")
      ->capture_default_str();
  cli.add_option("-n,--per-connection", spec.requests_per_connection, "requests on one connection, then a new one");
  cli.add_option("-t,--timeout", options.timeout, "of one request")->capture_default_str();
  cli.add_option("-m,--method", spec.requests.front().method, "method")->capture_default_str();
  cli.add_option("-H,--header", options.headers, "header, \"Name: value\"; may be given again");
  cli.add_option("-b,--body", spec.requests.front().body, "body");
  cli.add_option("-s,--status", spec.requests.front().expected_status, "status of a good answer; default: any 2xx");
  cli.add_option("--cpus", options.cpus, "one thread pinned to each, such as 0,1");
  cli.add_option("--transport", options.transport, "auto, epoll or io_uring")
      ->check(CLI::IsMember({"auto", "epoll", "io_uring"}));
  cli.add_flag("--poisson", options.poisson, "random instead of even arrivals (open loop)");
  cli.add_flag("--spin", options.spin,
               "spin before each due time instead of sleeping up to it: exact, but takes its core whole");
  cli.add_flag("--json", options.json, "print JSON");
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
