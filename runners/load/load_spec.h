// What one load phase shall do, as read from the protocol or from the command line. Values only; defaults stand here.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "base/line_protocol.h"
#include "base/result.h"

namespace dyno::loadgen {

struct Target {
  std::string address;  // an IP address: dyno-load never resolves names
  int port = 0;
  std::string netns;  // path of the network namespace to enter first; empty: stay
};

enum class TransportKind { automatic, epoll, io_uring };
// How the open loop waits for the next due time: sleep alone oversleeps by tens of microseconds, hybrid sleeps until shortly
// before and then spins, which is only fair on a core of its own.
enum class WaitMode { sleep, hybrid };
enum class Arrivals { even, poisson };

struct RequestSpec {
  std::string method = "GET";
  std::string target = "/";  // "{a..b}" stands for a random integer of that range, drawn anew for each request
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  double weight = 1;
  int expected_status = 200;                 // 0: any 2xx
  std::vector<std::string> accepted_bodies;  // lengths always, bytes of sampled answers; empty: not compared
};

struct LoadSpec {
  Target target;
  std::vector<int> cpus;  // one worker on each; empty: one worker, not pinned
  TransportKind transport = TransportKind::automatic;
  WaitMode wait = WaitMode::sleep;
  bool open_loop = false;
  int connections = 1;
  double rate_per_s = 0;  // open loop
  Arrivals arrivals = Arrivals::even;
  std::int64_t queue_limit = 0;              // due requests that may wait for a connection; 0: ten seconds' worth
  int pipeline = 1;                          // closed loop: requests in flight on one connection
  std::int64_t requests_per_connection = 0;  // 0: any number; the last of them asks the server to close
  std::uint64_t seed = 0;
  std::int64_t warm_up_ns = 0;
  std::int64_t warm_up_max_ns = 0;  // above warm_up_ns: until steady, at most this long
  std::int64_t measure_ns = 0;
  std::int64_t timeout_ns = 10'000'000'000;
  double body_sample_ratio = 0.001;
  std::int64_t body_sample_least = 20;
  std::vector<RequestSpec> requests;
};

// The spec of `dyno-load run`: the lines between the greeting and `go`. Refuses unknown words and keys and what makes no sense.
Result<LoadSpec> read_load_spec(const std::vector<Line>& lines);
Result<Target> read_target(const Line& line);
// "0,2,3"; empty text: none.
Result<std::vector<int>> read_cpus(const std::string& text);
// What no reader of single lines can see, such as an open loop without a rate.
Status check_load_spec(const LoadSpec& spec);

}  // namespace dyno::loadgen
