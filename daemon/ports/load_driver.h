// The seam to dyno-load: probing a start, exchanging requests for verification, and running load phases against one address.
// Implemented by load/, faked in tests/fakes. Thread-safe: calls may overlap. Every wait ends by its deadline or a stop request.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/units.h"
#include "model/answer_rules.h"
#include "model/measurement.h"
#include "model/profile.h"

namespace dyno::ports {

struct LoadTarget {
  std::int64_t netns_pid = 0;  // whose network namespace it is: the sandbox's process; 0: the host's own
  std::string address;         // an IP address, never a name
  int port = 0;
};

// ---- start-up probe ----
struct ProbeSpec {
  LoadTarget target;
  std::string path;       // /health; empty: an accepted connect is good
  std::string deep_path;  // /ready; empty: none
  std::vector<int> cpus;
};

struct ProbeOutcome {
  std::optional<MonotonicTime> connected;
  std::optional<MonotonicTime> good;
  std::optional<Nanos> good_gap;  // from the end of the last attempt without a good answer to the begin of the good one
  std::optional<MonotonicTime> deep;
  std::optional<Nanos> deep_gap;  // … to the one whose deep answer was good
  std::int64_t attempts = 0;
  int last_status = 0;     // of the last answer that was not 2xx; 0: none
  std::string last_error;  // of the last attempt that failed
};

// A running probe: it connects every millisecond from the moment start_probe returned. Ends with its object.
class Probe {
 public:
  virtual ~Probe() = default;
  // Until the path has answered 2xx, `deadline`, or a stop; once it has, until the deep path has, too. timed_out is an outcome
  // without `good` or `deep`, not an error. May be called again.
  virtual Result<ProbeOutcome> await(MonotonicTime deadline, std::stop_token stop) = 0;
  // What the probing itself has used so far; absent: not known.
  virtual std::optional<Nanos> cpu_time() const = 0;
};

// ---- verification ----
struct Exchange {
  std::vector<std::string> pieces;           // raw request bytes, sent one after the other
  Nanos pause_between = Nanos(0);            // between pieces
  bool new_connection = true;                // false: the connection of the exchange before, while it lives
  bool expect_body = true;                   // false for HEAD
  int answers = 1;                           // how many responses these bytes ask for (pipelining)
  Nanos timeout = std::chrono::seconds(10);  // for all of it
  bool together = false;                     // at once with the exchange before it, each on a connection of its own
  bool await_close = false;  // after the answers, waits at most 1 s for the server to close: closed_by_server
  // One answer that goes on: events, or frames after an upgrade. The first piece is sent, and its head and `stream_first` are
  // awaited before anything further of this exchange or its group is sent; the body is what came until `stream_last`, or the end.
  bool is_stream = false;
  std::string stream_first{};  // empty: the head alone
  std::string stream_last{};   // empty: the server's end of the connection
  // Sent last of all, once the body has so many bytes or half the time is over: who says goodbye earlier need not be answered.
  std::string stream_goodbye{};
  std::int64_t stream_goodbye_after = 0;
};

struct Answer {
  int status = 0;
  std::vector<std::pair<std::string, std::string>> headers;  // as sent, in order
  std::string body;                                          // unchunked
};

struct ExchangeOutcome {
  std::vector<Answer> answers;
  bool closed_by_server = false;
  std::string error;  // empty: all answers arrived; else kind and words: "timeout: …"
};

// ---- load ----
// websocket: messages that the server echoes. sse: requests publish messages, which the server sends on to all subscribers.
enum class LoadProtocol { http1, websocket, sse, http2 };
enum class Arrivals { even, poisson };

struct RequestTemplate {
  std::string method = "GET";
  std::string target =
      "/";  // path and query; "{a..b}", "{column}", "{uuid}", "{seq}" and, in a session, "{name}" are drawn anew per request
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;             // of a WebSocket message: its payload, which comes back unless there are rules
  std::int64_t body_bytes = 0;  // above 0: a generated body of this length instead; of a published message 28 … 1024
  bool is_binary = false;       // WebSocket
  double weight = 1;
  int expected_status = 200;
  std::vector<std::string> accepted_bodies;  // sampled bodies must equal one of these; empty: bodies are not compared
  bool fills_body =
      false;  // what is drawn in the target, and in header values, is drawn in the body, too; other braces stay
  std::optional<model::AnswerRules>
      rules{};                          // in place of expected_status: status of every answer, the rest of sampled ones
  std::vector<model::Capture> takes{};  // of a session's step
};

struct LoadSpec {
  LoadTarget target;
  std::vector<RequestTemplate> requests;
  LoadProtocol protocol = LoadProtocol::http1;
  RequestTemplate stream;  // websocket: what asks for the upgrade; sse: what subscribes
  bool is_session =
      false;  // the requests are steps, sent in order on each connection; one of them is one request of the counts
  std::string table_csv{};  // of the "{column}"s; a row for each request, or for each round of a session
  model::Loop loop = model::Loop::closed;
  int connections = 1;
  int subscribers = 0;  // sse: streams held open, besides the connections, which publish
  int pipeline = 1;     // closed loop: requests or messages in flight on one connection
  Rate rate;            // open loop
  Arrivals arrivals = Arrivals::even;
  Nanos warm_up{};      // fixed length; 0: none
  Nanos warm_up_max{};  // > 0: until steady, at least warm_up, at most this
  Nanos measure{};
  std::vector<int> cpus;         // pinned there, a worker on each; at most as many as connections
  std::vector<LoadSpec> beside;  // further closed loops, from before this one's warm-up until its end; none inside them
  bool shares_cpus = false;  // somebody else needs them too (a database): the open loop then sleeps instead of spinning
  std::uint64_t seed = 0;
  Nanos request_timeout = std::chrono::seconds(10);
  double body_sample_ratio = 0.001;  // of the answers, at least 20 a phase
};

struct LoadSecond {
  bool warming_up = false;
  model::SecondPoint point;
};

// Called on the driver's thread while the phase runs; keep it short.
struct LoadListener {
  std::function<void(MonotonicTime)> window_begin;  // at once when the measured window opens
  std::function<void(MonotonicTime)> window_end;
  std::function<void(const LoadSecond&)> second;
};

// What subscribers received (sse), of the messages that were due inside the window.
struct Deliveries {
  std::int64_t expected = 0;  // messages that were sent and not refused × subscribers
  std::int64_t good = 0;      // some of them until 2 s after the window
  std::int64_t in_window = 0;
  std::int64_t missed = 0;
  std::int64_t doubled = 0;
  std::int64_t bad = 0;
  std::int64_t lost_streams = 0;  // ended by the server inside the window
};

// One answer that was not as its request expects, the first of its reason.
struct BadAnswer {
  std::size_t request = 0;            // of the spec's
  int status = 0;                     // 0: it is the body that was wrong
  std::optional<std::size_t> rule{};  // of the request's, as they were told; for the place of the expectation
  std::string take{};                 // the value that is missing
  std::string why{};                  // what was expected and what came: "/id: expected an integer, got none"
  std::string bytes{};                // of its body, at most 512
  std::string file{};                 // where the expectation stands; empty: nowhere
  int line = 0;
};

struct LoadOutcome {
  MonotonicTime window_begin;
  MonotonicTime window_end;
  bool steady = true;             // warm-up until steady: whether it became so
  std::int64_t warm_up_good = 0;  // before the window
  std::int64_t warm_up_errors = 0;
  std::int64_t good = 0;
  std::int64_t sent = 0;
  std::int64_t in_flight = 0;
  model::ErrorCounts errors;
  std::int64_t bytes_received = 0;
  std::int64_t bodies_checked = 0;
  std::int64_t queued = 0;  // open loop: due in the window, not yet sent at its end
  // Due in the window (open loop) or under way in it (closed loop) and without an answer 2 s after it, or when they timed out (which
  // is an error as well). They are in the histograms `response` (open loop) and `service` (where they were sent before the window's
  // end) with the time they waited, at least `waited_least`.
  std::int64_t unanswered = 0;
  Nanos waited_least{};
  std::int64_t connections_asked = 0;     // had a request to answer in the window
  std::int64_t connections_unserved = 0;  // … and never did
  Nanos service_time_mean{};
  std::vector<model::EncodedHistogram> histograms;  // response, send_error (open loop), service, delivery (sse)
  std::optional<Deliveries> deliveries;             // sse
  std::vector<model::SecondPoint> seconds;
  Nanos loader_cpu{};            // CPU time of the busiest worker in the window
  Nanos loader_cpu_all{};        // … of all workers, and of the loads beside
  double loader_busy_ratio = 0;  // busiest worker, worst 1 s window, deliberate spinning not counted
  double late_ratio = 0;         // share of requests sent more than one interval late by the loader's own fault
  Nanos lag_p99{};
  std::int64_t context_switches = 0;
  Nanos run_queue_wait{};              // time the worker was runnable but not running (schedstat)
  std::optional<double> beside_per_s;  // good answers of `beside` a second, of the whole seconds within the window
  std::int64_t beside_errors = 0;      // in those seconds
  std::string transport;               // epoll, io_uring
  std::string timer_mode;              // none, sleep, hybrid
  std::string first_bad_body;          // when bad_body > 0: what came, at most 512 bytes
  std::vector<BadAnswer> bad_answers;  // at most five
};

// Why a phase has no outcome.
enum class LoadFault {
  refused,    // the server did not take the connections that the phase needs
  starved,    // the loader did not get the CPU or the descriptors that it needs; the next phase may do better
  cancelled,  // by a stop request
  broken      // the loader did not start, fell silent, ended, or broke its protocol
};
struct LoadFailure {
  LoadFault fault = LoadFault::broken;
  std::string message;
};

// An error of starting a probe or exchanging requests is the loader's, or `cancelled`: what a server does is in the outcome.
class LoadDriver {
 public:
  virtual ~LoadDriver() = default;
  virtual Result<std::unique_ptr<Probe>> start_probe(const ProbeSpec& spec) = 0;
  virtual Result<std::vector<ExchangeOutcome>> exchange(const LoadTarget& target,
                                                        const std::vector<Exchange>& exchanges,
                                                        std::stop_token stop) = 0;
  virtual tl::expected<LoadOutcome, LoadFailure> run_phase(const LoadSpec& spec, const LoadListener& listener,
                                                           std::stop_token stop) = 0;
};

}  // namespace dyno::ports
