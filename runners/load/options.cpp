#include "runners/load/options.h"

#include <array>

#include "base/check.h"

namespace dyno::loadgen {
namespace {

using namespace std::chrono_literals;

constexpr std::int64_t kManyRequests = 1'000'000'000'000'000;
constexpr std::int64_t kManyOfOneConnection = 4'000'000'000;
// A profile measures up to a day; background load outlasts the warm-up and the end of its phase.
constexpr Nanos kLongestWindow = 26h;

constexpr std::array<std::string_view, 3> kTransports{"auto", "epoll", "io_uring"};
constexpr std::array<std::string_view, 2> kTlsVersions{"1.2", "1.3"};

// In the order of Opt.
constexpr std::array<Option, kOptions> kTable{{
    {.id = Opt::connections,
     .letter = 'c',
     .name = "connections",
     .value = "N",
     .takes = takes::Integer{1, 65'000},
     .fallback = "64",
     .meaning = "Connections held open",
     .group = Group::load},
    {.id = Opt::duration,
     .letter = 'd',
     .name = "duration",
     .value = "TIME",
     // Shorter than this no clock of the machine can bound it.
     .takes = takes::Duration{100us, kLongestWindow},
     .fallback = "10s",
     .meaning = "Length of the measured window",
     .group = Group::load},
    {.id = Opt::warm_up,
     .letter = 'w',
     .name = "warm-up",
     .value = "TIME",
     .takes = takes::Duration{0s, 1h},
     .fallback = "1s",
     .meaning = "Load before the window, not measured",
     .group = Group::load},
    {.id = Opt::timeout,
     .letter = 't',
     .name = "timeout",
     .value = "TIME",
     .takes = takes::Duration{1ms, 1h},
     .fallback = "10s",
     .meaning = "How long one request may take",
     .group = Group::load},
    {.id = Opt::rate,
     .letter = 'r',
     .name = "rate",
     .value = "PER_S",
     .takes = takes::Number{0.001, 10e6},
     .meaning =
         "Requests per second (open loop: latency counts from when a request was due). Without it each connection "
         "sends as soon as it has its answer (closed loop: saturates the server)",
     .group = Group::load},
    {.id = Opt::curve,
     .name = "curve",
     .value = "POINTS",
     .takes = takes::Curve{},
     .meaning = "Rates over the window instead of one: 0s:100,10s:5000 is a ramp; two points at one moment are a step",
     .group = Group::load,
     .excludes = {Opt::rate}},
    {.id = Opt::poisson,
     .name = "poisson",
     .takes = takes::Nothing{},
     .meaning = "Random instead of even gaps between requests (Poisson arrivals)",
     .group = Group::load,
     .needs = {Opt::rate, Opt::curve}},
    {.id = Opt::count,
     .letter = 'N',
     .name = "count",
     .value = "N",
     .takes = takes::Integer{1, kManyRequests},
     .meaning = "Send exactly this many requests, and end when they are done: without a warm-up and without a limit of "
                "time, unless -w or -d are given",
     .group = Group::load},
    {.id = Opt::error_limit,
     .name = "error-limit",
     .value = "SHARE",
     .takes = takes::Number{0, 1},
     .fallback = "1",
     .meaning = "End when a larger share of the answers than this are errors, such as 0.1",
     .group = Group::load},
    {.id = Opt::pipeline,
     .letter = 'p',
     .name = "pipeline",
     .value = "N",
     .takes = takes::Integer{1, 1024},
     .fallback = "1",
     .meaning = "Requests, messages or HTTP/2 streams in flight on one connection",
     .group = Group::load,
     .excludes = {Opt::rate, Opt::curve},
     .unless = {Opt::http2}},
    {.id = Opt::per_connection,
     .letter = 'n',
     .name = "per-connection",
     .value = "N",
     .takes = takes::Integer{1, kManyOfOneConnection},
     .meaning = "Requests on one connection before it is replaced by a new one [default: no limit]",
     .group = Group::load,
     .on = On::http,
     .excludes = {Opt::pipeline, Opt::http2}},

    {.id = Opt::method,
     .letter = 'm',
     .name = "method",
     .value = "WORD",
     .takes = takes::Method{},
     .fallback = "GET",
     .meaning = "Method of the request",
     .group = Group::request,
     .on = On::http,
     .excludes = {Opt::subscribers}},
    {.id = Opt::header,
     .letter = 'H',
     .name = "header",
     .value = "\"NAME: VALUE\"",
     .takes = takes::Header{},
     .meaning = "Header of the request, instead of ours of that name; may be given several times",
     .group = Group::request,
     .repeats = true},
    {.id = Opt::body,
     .letter = 'b',
     .name = "body",
     .value = "TEXT|@FILE",
     .takes = takes::Text{},
     .meaning = "Body of the request, or the file that holds it",
     .group = Group::request,
     .excludes = {Opt::body_bytes, Opt::message_bytes, Opt::subscribers}},
    {.id = Opt::body_bytes,
     .name = "body-bytes",
     .value = "SIZE",
     .takes = takes::Size{1, 256 << 20},
     .meaning = "Generated body of this length",
     .group = Group::request,
     .on = On::http,
     .excludes = {Opt::fill_body, Opt::message_bytes, Opt::subscribers}},
    {.id = Opt::fill_body,
     .name = "fill-body",
     .takes = takes::Nothing{},
     .meaning = "Draw {a..b} and {name} in the body too",
     .group = Group::request,
     .on = On::http,
     .needs = {Opt::body},
     .excludes = {Opt::http2}},
    {.id = Opt::csv,
     .name = "csv",
     .value = "FILE",
     .takes = takes::Text{},
     .meaning = "Values for {name}, one row per request; the first line names the columns",
     .group = Group::request,
     .on = On::http},
    {.id = Opt::status,
     .letter = 's',
     .name = "status",
     .value = "CODE",
     .takes = takes::Integer{100, 999},
     .meaning = "Status of a good answer [default: any 2xx]",
     .group = Group::request,
     .on = On::http},

    {.id = Opt::http2,
     .name = "http2",
     .takes = takes::Nothing{},
     .meaning = "HTTP/2 with -p streams per connection; without TLS by prior knowledge",
     .group = Group::protocol,
     .on = On::http,
     .excludes = {Opt::subscribers}},
    {.id = Opt::message_bytes,
     .name = "message-bytes",
     .value = "SIZE",
     .takes = takes::Size{1, 16 << 20},
     .fallback = "64",
     .meaning = "Length of a WebSocket message, or of one that is published (28 to 1024)",
     .group = Group::protocol,
     .on = On::websocket,
     .unless = {Opt::subscribers}},
    {.id = Opt::subscribers,
     .name = "subscribers",
     .value = "N",
     .takes = takes::Integer{1, 65'000},
     .meaning = "Event streams (GET) held open while -r messages per second are published (POST) to the same URL",
     .group = Group::protocol,
     .on = On::http},
    {.id = Opt::insecure,
     .letter = 'k',
     .name = "insecure",
     .takes = takes::Nothing{},
     .meaning = "Accept any certificate",
     .group = Group::protocol,
     .on = On::tls,
     .excludes = {Opt::ca}},
    {.id = Opt::ca,
     .name = "ca",
     .value = "FILE",
     .takes = takes::Text{},
     .meaning = "Certificates to trust instead of the system's",
     .group = Group::protocol,
     .on = On::tls},
    {.id = Opt::tls,
     .name = "tls",
     .value = "VERSION",
     .takes = takes::Word{kTlsVersions},
     .meaning = "1.2 or 1.3 [default: as the server prefers]",
     .group = Group::protocol,
     .on = On::tls},
    {.id = Opt::no_resume,
     .name = "no-resume",
     .takes = takes::Nothing{},
     .meaning = "A full handshake for each connection",
     .group = Group::protocol,
     .on = On::tls},

    {.id = Opt::cpus,
     .name = "cpus",
     .value = "LIST",
     .takes = takes::Cpus{},
     .meaning = "One thread pinned to each of these CPUs, such as 0,1 [default: one thread, not pinned]",
     .group = Group::machine},
    {.id = Opt::transport,
     .name = "transport",
     .value = "NAME",
     .takes = takes::Word{kTransports},
     .fallback = "auto",
     .meaning = "auto, epoll or io_uring",
     .group = Group::machine},
    {.id = Opt::spin,
     .name = "spin",
     .takes = takes::Nothing{},
     .meaning = "Spin before each due time instead of sleeping up to it: exact, but takes a whole core",
     .group = Group::machine,
     .needs = {Opt::rate, Opt::curve}},

    {.id = Opt::json, .name = "json", .takes = takes::Nothing{}, .meaning = "Print JSON", .group = Group::output},
    {.id = Opt::help,
     .letter = 'h',
     .name = "help",
     .takes = takes::Nothing{},
     .meaning = "Print this help",
     .group = Group::output},
    {.id = Opt::version,
     .name = "version",
     .takes = takes::Nothing{},
     .meaning = "Print the version",
     .group = Group::output},
}};

constexpr bool is_in_order() {
  for (std::size_t i = 0; i < kTable.size(); ++i) {
    if (kTable[i].id != static_cast<Opt>(i)) return false;
  }
  return true;
}
static_assert(is_in_order(), "a row stands at the place of its option");

template <class Kind>
const Kind& range_of(Opt id) {
  const Kind* const range = std::get_if<Kind>(&option(id).takes);
  CHECK(range != nullptr, "an option has the range that its kind has");
  return *range;
}

}  // namespace

std::span<const Option> options() { return kTable; }
const Option& option(Opt id) { return kTable[static_cast<std::size_t>(id)]; }
std::string name_of(Opt id) { return "--" + std::string(option(id).name); }

const takes::Integer& integers_of(Opt id) { return range_of<takes::Integer>(id); }
const takes::Number& numbers_of(Opt id) { return range_of<takes::Number>(id); }
const takes::Duration& durations_of(Opt id) { return range_of<takes::Duration>(id); }
const takes::Size& sizes_of(Opt id) { return range_of<takes::Size>(id); }

}  // namespace dyno::loadgen
