// What one load phase shall do, as read from the protocol or from the command line. Values only; defaults stand here.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "base/csv.h"
#include "base/line_protocol.h"
#include "base/result.h"
#include "runners/load/http/response_parser.h"
#include "runners/load/rate_curve.h"
#include "runners/load/rules/answer_rule.h"

namespace dyno::loadgen {

// Where connections go. What the server is called there (Host, TlsSpec::host) is said elsewhere: the two may differ.
struct Target {
  std::string address;  // an IP address: the engine never resolves names
  int port = 0;
  std::string netns;                      // path of the network namespace to enter first; empty: stay
  std::vector<std::string> further = {};  // more addresses of the same server, tried in turn where a connect fails
  std::string unix_path = {};             // a unix socket instead of addresses and port

  bool is_known() const { return port != 0 || !unix_path.empty(); }
};
// "10.0.0.2 port 8080" or "the socket /run/x.sock", for messages.
std::string describe(const Target& target);

enum class TlsVersion { any, v1_2, v1_3 };
struct TlsSpec {
  bool is_used = false;
  bool verify = true;
  bool resume = true;
  bool http2 = false;                    // what is asked for by ALPN
  TlsVersion version = TlsVersion::any;  // any: 1.2 or 1.3, as the server prefers
  std::string host;                      // sent to the server, and what its certificate must name
  std::string ca_file;                   // whom to trust; empty: whom the system trusts
};

enum class TransportKind { automatic, epoll, io_uring };
// How the open loop waits for the next due time: sleep alone oversleeps by tens of microseconds, hybrid sleeps until shortly
// before and then spins, which is only fair on a core of its own.
enum class WaitMode { sleep, hybrid };
enum class Arrivals { even, poisson };
// websocket: messages that the server echoes. sse: requests publish messages, which the server sends on to all subscribers.
// http2: with TLS by ALPN, without by prior knowledge; `pipeline` streams at once on a connection.
enum class Protocol { http1, websocket, sse, http2 };

struct RequestSpec {
  std::string method = "GET";
  // "{a..b}" stands for a random integer of that range, "{uuid}" for one, "{seq}" for 1, 2, 3 … over all connections, "{name}" for a
  // column of the table, drawn again for each request, or for what a step before this one took. In header values too, where other
  // braces stay.
  std::string target = "/";
  std::vector<std::pair<std::string, std::string>> headers{};
  std::string body{};           // of a WebSocket message: its payload
  bool fills_body = false;      // as in header values
  std::int64_t body_bytes = 0;  // above 0: a generated body of this length instead
  bool is_binary = false;       // WebSocket
  double weight = 1;
  int expected_status = 200;                   // 0: any 2xx
  std::vector<std::string> accepted_bodies{};  // lengths always, bytes of sampled answers; empty: not compared
  std::vector<StatusRange> statuses{};         // of every answer; unless empty in place of expected_status
  std::vector<AnswerRule> rules{};             // of sampled answers
  std::vector<Take> takes{};                   // of a session's step, from every answer
};

struct LoadSpec {
  Target target;
  TlsSpec tls;
  // One worker on each, but no more than connections or than requests of the limit: the last CPUs stay idle then. Empty: one
  // worker, not pinned.
  std::vector<int> cpus;
  TransportKind transport = TransportKind::automatic;
  WaitMode wait = WaitMode::sleep;
  Protocol protocol = Protocol::http1;
  bool open_loop = false;
  int connections = 1;
  // Whether a phase without all of its connections fails, for its figures would be those of another load. Otherwise those that are
  // open are measured, and the report says how many are not.
  bool needs_all_connections = false;
  // The requests are steps, sent in order, again and again: on each connection, or with HTTP/2 in each of its places. A row of the
  // table for each round.
  bool is_session = false;
  int subscribers = 0;           // sse: streams held open, in addition to the connections, which publish
  double rate_per_s = 0;         // open loop; with a curve its peak
  std::vector<RatePoint> curve;  // open loop: the rate over the window; before it, that of the first point
  Arrivals arrivals = Arrivals::even;
  std::int64_t queue_limit = 0;  // due requests that may wait for a connection; 0: ten seconds' worth
  int pipeline = 1;              // requests or messages in flight on one connection (not HTTP/2: closed loop)
  std::int64_t requests_per_connection = 0;  // 0: any number; the last of them asks the server to close
  std::int64_t requests_limit = 0;           // 0: none; else the window ends when so many were sent in it and are done
  bool limit_has_warm_up = false;            // the limit counts from the start of the load: so many are sent in all
  double error_limit = 1;                    // the window ends after a second whose share of errors was above this
  std::uint64_t seed = 0;
  std::int64_t warm_up_ns = 0;
  std::int64_t warm_up_max_ns = 0;  // above warm_up_ns: until steady, at most this long
  std::int64_t measure_ns = 0;
  std::int64_t timeout_ns = 10'000'000'000;
  double body_sample_ratio = 0.001;
  std::int64_t body_sample_least = 20;
  std::int64_t max_body_bytes = kMaxBodyBytes;  // of an answer, a message or an event; a longer one is bad_framing
  RequestSpec stream;                           // websocket: what asks for the upgrade; sse: what subscribes
  std::vector<RequestSpec> requests;
  CsvTable table;
};

// The spec of `dyno-load run`: the lines between the greeting and `go`. Refuses unknown words and keys and what makes no sense.
Result<LoadSpec> read_load_spec(const std::vector<Line>& lines);
Result<Target> read_target(const Line& line);
// The key `cpus`, "0,2,3"; without it none.
Result<std::vector<int>> read_cpu_list(LineReader& line);
// What no reader of single lines can see, such as an open loop without a rate.
Status check_load_spec(const LoadSpec& spec);

}  // namespace dyno::loadgen
