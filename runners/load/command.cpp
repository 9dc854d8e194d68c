#include "runners/load/command.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>
#include <sys/un.h>

#include "base/encoding.h"
#include "base/file.h"
#include "base/text.h"
#include "runners/load/request_file.h"
#include "runners/load/request_set.h"
#include "runners/load/values.h"

namespace dyno::loadgen {
namespace {

using Problems = std::vector<std::string>;

std::size_t most_body_bytes() { return static_cast<std::size_t>(sizes_of(Opt::body_bytes).high); }

// Options that have no meaning for the URL's scheme.
void check_scheme(const Arguments& arguments, const Url& url, Problems& problems) {
  for (const Option& one : options()) {
    if (!arguments.is_set(one.id) || arguments.has_any(one.unless)) continue;
    std::string_view wanted;
    if (one.on == On::http && url.is_websocket()) wanted = "http:// and https://";
    if (one.on == On::websocket && !url.is_websocket()) wanted = "ws:// and wss://";
    if (one.on == On::tls && !url.is_tls()) wanted = "https:// and wss://";
    if (!wanted.empty())
      problems.push_back(fmt::format("{} is for {}, not for {}://", name_of(one.id), wanted, to_string(url.scheme)));
  }
}

std::string read_option_file(Opt id, std::string_view path, Problems& problems) {
  auto bytes = read_file(std::string(path), most_body_bytes(), FileKind::regular_or_pipe);
  if (bytes) return std::move(*bytes);
  problems.push_back(fmt::format("{}: {}", name_of(id), bytes.error().message));
  return {};
}

std::string_view name_in(std::string_view header) { return header.substr(0, header.find(':')); }

void read_headers(const Arguments& arguments, const Url& url, Headers& headers, Problems& problems) {
  for (const std::string& header : arguments.all(Opt::header))
    headers.emplace_back(name_in(header), trim(std::string_view(header).substr(name_in(header).size() + 1)));
  for (const std::string_view name : {"Host", "Content-Length", "Authorization"}) {
    const auto count = std::count_if(headers.begin(), headers.end(),
                                     [&](const auto& one) { return same_ignoring_case(one.first, name); });
    if (count > 1) problems.push_back(fmt::format("--header {} is given twice; a request has one", name));
  }
  if (url.is_websocket() && has_header(headers, "Sec-WebSocket-Key"))
    problems.emplace_back("--header Sec-WebSocket-Key: dyno-load checks the answer to a key of its own");
  if (!url.credentials.empty()) add_unless_given(headers, "Authorization", "Basic " + to_base64(url.credentials));
  if (!has_header(headers, "Host")) headers.emplace(headers.begin(), "Host", url.authority());
}

void read_body(const Arguments& arguments, RequestSpec& request, Problems& problems) {
  const std::string_view body = arguments.text(Opt::body);
  request.body = body.starts_with('@') ? read_option_file(Opt::body, body.substr(1), problems) : std::string(body);
  request.body_bytes = arguments.bytes(Opt::body_bytes);
  request.fills_body = arguments.has(Opt::fill_body);
}

void read_table(const Arguments& arguments, LoadSpec& spec, Problems& problems) {
  if (!arguments.has(Opt::csv)) return;
  const std::string path(arguments.text(Opt::csv));
  const std::size_t before = problems.size();
  const std::string text = read_option_file(Opt::csv, path, problems);
  if (problems.size() != before) return;
  auto table = read_csv(text, path);
  if (table) spec.table = std::move(*table);
  else problems.push_back(fmt::format("--csv: {}", table.error().message));
}

// So many requests and no more: nothing but -w warms up first, and nothing but -d cuts them short.
void read_count(const Arguments& arguments, LoadSpec& spec) {
  spec.requests_limit = arguments.integer(Opt::count);
  if (spec.requests_limit == 0) return;
  spec.limit_has_warm_up = true;
  if (!arguments.has(Opt::warm_up)) spec.warm_up_ns = 0;
  if (!arguments.has(Opt::duration)) spec.measure_ns = durations_of(Opt::duration).high.count();
}

Result<std::string> read_body_file(const std::string& path) {
  auto bytes = read_file(path, most_body_bytes(), FileKind::regular_or_pipe);
  if (!bytes) return fail(bytes.error().error());
  return std::move(*bytes);
}

// The requests of a file instead of the one that the command line describes.
void read_request_file(const Arguments& arguments, LoadSpec& spec, Problems& problems) {
  if (!arguments.has(Opt::requests)) return;
  const std::string path(arguments.text(Opt::requests));
  const std::size_t before = problems.size();
  const std::string text = read_option_file(Opt::requests, path, problems);
  if (problems.size() != before) {
    if (read_integer(path)) problems.push_back("--requests is a file of requests; their number is --count");
    return;
  }
  auto requests = read_requests(text, path, spec.requests.front(), read_body_file);
  if (!requests) {
    problems.insert(problems.end(), requests.error().begin(), requests.error().end());
    return;
  }
  spec.requests = std::move(requests->requests);
  spec.is_session = requests->is_session;
}

void read_load(const Arguments& arguments, LoadSpec& spec) {
  spec.connections = static_cast<int>(arguments.integer(Opt::connections));
  spec.measure_ns = arguments.duration(Opt::duration).count();
  spec.warm_up_ns = arguments.duration(Opt::warm_up).count();
  spec.timeout_ns = arguments.duration(Opt::timeout).count();
  spec.rate_per_s = arguments.number(Opt::rate);
  if (arguments.has(Opt::curve)) spec.curve = read_curve(arguments.text(Opt::curve)).value_or(std::vector<RatePoint>());
  for (const RatePoint& point : spec.curve) spec.rate_per_s = std::max(spec.rate_per_s, point.per_s);
  spec.open_loop = spec.rate_per_s > 0;
  spec.arrivals = arguments.has(Opt::poisson) ? Arrivals::poisson : Arrivals::even;
  read_count(arguments, spec);
  spec.error_limit = arguments.number(Opt::error_limit);
  spec.body_sample_ratio = arguments.number(Opt::sample);
  spec.max_body_bytes = arguments.bytes(Opt::max_body);
  spec.pipeline = static_cast<int>(arguments.integer(Opt::pipeline));
  spec.requests_per_connection = arguments.integer(Opt::per_connection);
  spec.subscribers = static_cast<int>(arguments.integer(Opt::subscribers));
}

void read_machine(const Arguments& arguments, LoadSpec& spec) {
  if (arguments.has(Opt::cpus)) spec.cpus = read_cpus(arguments.text(Opt::cpus)).value_or(std::vector<int>());
  const std::string_view transport = arguments.text(Opt::transport);
  spec.transport = transport == "epoll"      ? TransportKind::epoll
                   : transport == "io_uring" ? TransportKind::io_uring
                                             : TransportKind::automatic;
  spec.wait = arguments.has(Opt::spin) ? WaitMode::hybrid : WaitMode::sleep;
}

void read_tls(const Arguments& arguments, const Url& url, TlsSpec& tls, Problems& problems) {
  const std::string_view version = arguments.text(Opt::tls);
  tls.is_used = url.is_tls();
  tls.verify = !arguments.has(Opt::insecure);
  tls.resume = !arguments.has(Opt::no_resume);
  tls.version = version == "1.2" ? TlsVersion::v1_2 : version == "1.3" ? TlsVersion::v1_3 : TlsVersion::any;
  const auto named = parse_endpoint(fmt::format("{}:1", arguments.text(Opt::sni)));
  tls.host = named ? named->host : url.host;
  tls.ca_file = arguments.text(Opt::ca);
  if (!tls.ca_file.empty())
    read_option_file(Opt::ca, tls.ca_file, problems);  // said now, and not by the first handshake
}

// Where connections go: the host whose address is to be found, or a socket that has none.
void read_target(const Arguments& arguments, Command& command, Problems& problems) {
  command.endpoint = {command.url.host, command.url.port};
  if (arguments.has(Opt::connect_to))
    command.endpoint = parse_endpoint(arguments.text(Opt::connect_to)).value_or(command.endpoint);
  command.spec.target.port = command.endpoint.port;
  if (!arguments.has(Opt::unix_socket)) return;
  command.spec.target.unix_path = arguments.text(Opt::unix_socket);
  // The kernel's limit, with the zero behind it.
  constexpr std::size_t kMostPath = sizeof(sockaddr_un::sun_path) - 1;
  if (command.spec.target.unix_path.size() > kMostPath)
    problems.push_back(fmt::format("--unix: the path has {} bytes; a socket's has at most {}",
                                   command.spec.target.unix_path.size(), kMostPath));
}

// What only some protocols have: the stream's request, and messages of a given size.
void apply_protocol(const Arguments& arguments, const Url& url, LoadSpec& spec) {
  spec.protocol = url.is_websocket()                ? Protocol::websocket
                  : arguments.has(Opt::subscribers) ? Protocol::sse
                  : arguments.has(Opt::http2)       ? Protocol::http2
                                                    : Protocol::http1;
  if (spec.protocol == Protocol::http1 || spec.protocol == Protocol::http2) return;
  RequestSpec& request = spec.requests.front();
  spec.stream = request;
  spec.stream.method = "GET";
  spec.stream.body.clear();
  spec.stream.body_bytes = 0;
  std::erase_if(spec.stream.headers, [](const auto& one) { return same_ignoring_case(one.first, "Content-Length"); });
  if (request.body.empty()) request.body_bytes = arguments.bytes(Opt::message_bytes);
  if (spec.protocol == Protocol::sse) request.method = "POST";
}

Format format_of(const Arguments& arguments) {
  const std::string_view format = arguments.has(Opt::json) ? "json" : arguments.text(Opt::format);
  return format == "json" ? Format::json : format == "hdr" ? Format::hdr : Format::text;
}

bool is_secret(std::string_view header) {
  constexpr std::array<std::string_view, 3> kSecret{"Authorization", "Proxy-Authorization", "Cookie"};
  return std::any_of(kSecret.begin(), kSecret.end(), [&](auto name) { return same_ignoring_case(name, header); });
}

std::vector<std::pair<std::string, std::string>> given_options(const Arguments& arguments) {
  std::vector<std::pair<std::string, std::string>> given;
  for (const Option& one : options()) {
    for (const std::string& value : arguments.all(one.id)) {
      const bool hides = one.id == Opt::header && is_secret(name_in(value));
      given.emplace_back(one.name, hides ? std::string(name_in(value)) + ": ***" : value);
    }
  }
  return given;
}

}  // namespace

tl::expected<Command, Problems> make_command(const Arguments& arguments) {
  auto url = parse_url(arguments.url());
  if (!url) return tl::unexpected(Problems{url.error().message});
  Problems problems;
  check_scheme(arguments, *url, problems);
  Command command;
  command.url = std::move(*url);
  command.format = format_of(arguments);
  command.output = arguments.text(Opt::output);
  command.given = given_options(arguments);
  LoadSpec& spec = command.spec;
  RequestSpec& request = spec.requests.emplace_back();
  request.method = arguments.text(Opt::method);
  request.target = command.url.target;
  request.expected_status = static_cast<int>(arguments.integer(Opt::status));
  read_headers(arguments, command.url, request.headers, problems);
  read_body(arguments, request, problems);
  read_table(arguments, spec, problems);
  read_request_file(arguments, spec, problems);
  read_load(arguments, spec);
  read_machine(arguments, spec);
  read_tls(arguments, command.url, spec.tls, problems);
  apply_protocol(arguments, command.url, spec);
  read_target(arguments, command, problems);
  if (problems.empty()) {
    if (const Status checked = check_load_spec(spec); !checked) problems.push_back(checked.error().message);
  }
  if (!problems.empty()) return tl::unexpected(std::move(problems));
  return command;
}

}  // namespace dyno::loadgen
