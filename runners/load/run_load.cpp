#include "runners/load/run_load.h"

#include <algorithm>
#include <cmath>
#include <future>
#include <memory>
#include <thread>

#include <fmt/format.h>
#include <unistd.h>

#include "runners/load/place.h"
#include "runners/load/steady.h"
#include "runners/load/websocket/upgrade.h"
#include "runners/load/worker.h"

namespace dyno::loadgen {
namespace {

constexpr std::int64_t kConnectNs = 10'000'000'000;
// What opens no further connection for so long has taken what it takes: longer than the kernel's first retry of a connect.
constexpr std::int64_t kNoProgressNs = 1'500'000'000;
constexpr std::int64_t kRefusedAtMost = 64;  // connects, all of them refused: more would tell nothing new
constexpr std::int64_t kHalfSecondNs = 500'000'000;
// From a decision to the moment it takes effect: enough for every worker to see it in time.
constexpr std::int64_t kLeadNs = 2'000'000;
constexpr double kLeastWindow = 0.9;
constexpr double kEdgeNs = 1e6;  // a window so short that a timer's slack is a part of it is no sign of a busy machine
constexpr std::int64_t kPollNs = 50'000'000;

void sleep_until(std::int64_t when_ns) {
  const timespec when{when_ns / 1'000'000'000, when_ns % 1'000'000'000};
  clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &when, nullptr);
}

bool wants_end(const LoadEvents& events) { return events.should_end && events.should_end(); }
// Before the window is open there is nothing to report.
bool wants_stop(const LoadEvents& events) { return (events.should_stop && events.should_stop()) || wants_end(events); }

// The threads and all they need; ends them when it goes out of scope.
// NOLINTNEXTLINE(clang-analyzer-optin.performance.Padding): the numbers of {seq} have a cache line of their own
class Crew {
 public:
  Crew(const LoadSpec& spec, RequestSets requests) : spec_(spec), requests_(std::move(requests)) {}
  ~Crew() {
    stop();
    threads_.clear();
  }
  Crew(const Crew&) = delete;
  Crew& operator=(const Crew&) = delete;

  Status start(int edge_fd);
  Status await_connections(const LoadEvents& events);
  bool is_done() const { return done_.load() == static_cast<int>(threads_.size()); }
  void stop() { edges_.stop.store(true); }
  // Ends the threads; then the transports can be asked for their trouble.
  std::string trouble();
  std::int64_t good_so_far() const;

  Edges& edges() { return edges_; }
  std::vector<std::unique_ptr<Worker>>& workers() { return workers_; }
  const std::string& transport() const { return transport_; }

 private:
  const LoadSpec& spec_;
  const RequestSets requests_;
  Edges edges_;
  std::string transport_;
  std::vector<std::unique_ptr<Worker>> workers_;
  std::atomic<int> done_{0};
  std::vector<std::jthread> threads_;
};

// None without a connection, and none whose share of the limit would be no request.
int workers_of(const LoadSpec& spec) {
  const std::int64_t most =
      spec.requests_limit > 0 ? std::min<std::int64_t>(spec.connections, spec.requests_limit) : spec.connections;
  return static_cast<int>(std::clamp<std::int64_t>(static_cast<std::int64_t>(spec.cpus.size()), 1, most));
}

Status Crew::start(int edge_fd) {
  const int count = workers_of(spec_);
  const auto share_of = [count](auto all, int i) { return all / count + (i < all % count ? 1 : 0); };
  for (int i = 0; i < count; ++i) {
    WorkerShare share{i, count, share_of(spec_.connections, i), share_of(spec_.subscribers, i)};
    share.requests_limit = share_of(spec_.requests_limit, i);
    share.edge_fd = i == 0 ? edge_fd : -1;
    auto transport = make_transport(
        spec_, static_cast<std::size_t>(share.connections) + static_cast<std::size_t>(share.subscribers));
    if (!transport) return fail(transport.error());
    transport_ = (*transport)->name();
    workers_.push_back(std::make_unique<Worker>(spec_, requests_, share, edges_, std::move(*transport)));
  }
  for (int i = 0; i < count; ++i) {
    const int cpu = spec_.cpus.empty() ? -1 : spec_.cpus[static_cast<std::size_t>(i)];
    // Pinned by a thread that is about to start: a CPU we may not use must be an error, not a silent stay.
    std::promise<Status> promise;
    std::future<Status> pinned = promise.get_future();
    Worker& worker = *workers_[static_cast<std::size_t>(i)];
    threads_.emplace_back([this, cpu, &worker, told = std::move(promise)]() mutable {
      sharpen_timers();
      Status status = cpu >= 0 ? pin_to_cpus({cpu}) : Status();
      told.set_value(status);
      if (status) worker.run();
      done_.fetch_add(1);
    });
    Status status = pinned.get();
    if (!status) return status;
  }
  return {};
}

Status Crew::await_connections(const LoadEvents& events) {
  std::int64_t progressed = monotonic_ns();
  const std::int64_t deadline = progressed + kConnectNs;
  int open = 0;
  int streams = 0;
  while (monotonic_ns() < deadline) {
    const int before = open + streams;
    std::int64_t refused = 0;
    std::int64_t refused_streams = 0;
    open = streams = 0;
    for (const auto& worker : workers_) {
      open += worker->open_connections();
      streams += worker->open_streams();
      refused += worker->refused_connects();
      refused_streams += worker->refused_streams();
    }
    if (open == spec_.connections && streams == spec_.subscribers) return {};
    if (open == 0 && refused >= std::min<std::int64_t>(spec_.connections, kRefusedAtMost))
      return fail(ErrorCode::unavailable, fmt::format("cannot connect to {}: {}", describe(spec_.target), trouble()));
    const bool has_no_streams = streams == 0 && spec_.subscribers > 0 &&
                                refused_streams >= std::min<std::int64_t>(spec_.subscribers, kRefusedAtMost);
    if (has_no_streams && !spec_.needs_all_connections) {
      return fail(ErrorCode::unavailable,
                  fmt::format("{} has no event stream there: {}", describe(spec_.target), trouble()));
    }
    if (open + streams != before) progressed = monotonic_ns();
    const bool has_what_it_gets =
        open > 0 && streams == spec_.subscribers && monotonic_ns() - progressed > kNoProgressNs;
    if (has_what_it_gets && !spec_.needs_all_connections) return {};
    if (wants_stop(events)) return fail(ErrorCode::cancelled, "stopped while connecting");
    sleep_until(monotonic_ns() + 1'000'000);
  }
  const std::string_view how = spec_.protocol == Protocol::websocket ? "became WebSockets" : "were accepted";
  const std::string why = trouble();
  if (open == spec_.connections) {
    return fail(ErrorCode::unavailable,
                fmt::format("only {} of {} event streams of {} began in 10 s{}", streams, spec_.subscribers,
                            describe(spec_.target), why.empty() ? "" : " (" + why + ")"));
  }
  return fail(ErrorCode::unavailable,
              fmt::format("only {} of {} connections to {} {} in 10 s{}", open, spec_.connections,
                          describe(spec_.target), how, why.empty() ? "" : " (" + why + ")"));
}

std::string Crew::trouble() {
  stop();
  threads_.clear();
  for (const auto& worker : workers_) {
    if (const std::string& text = worker->result().remarks.connect; !text.empty()) return text;
  }
  return "";
}

std::int64_t Crew::good_so_far() const {
  std::int64_t sum = 0;
  for (const auto& worker : workers_) sum += worker->good_so_far();
  return sum;
}

// The seconds of all workers, put together by their number as they come in.
class SecondGatherer {
 public:
  SecondGatherer(LoadReport& report, const LoadEvents& events) : report_(report), events_(events) {}

  // Takes one published second of every worker at a time.
  void gather(Crew& crew) {
    auto& workers = crew.workers();
    const auto ready = [](const std::unique_ptr<Worker>& worker) { return worker->seconds().oldest() != nullptr; };
    while (std::all_of(workers.begin(), workers.end(), ready)) take(workers);
  }

 private:
  void take(std::vector<std::unique_ptr<Worker>>& workers) {
    stats::Histogram times;
    SecondReport sum;
    for (const auto& worker : workers) {
      const Second& second = *worker->seconds().oldest();
      sum.warming_up = second.warming_up;
      sum.number = second.number;
      sum.good += second.good;
      sum.errors += second.errors;
      sum.length_ns = std::max(sum.length_ns, second.length_ns);
      if (second.length_ns > 0) {
        sum.busy_ratio =
            std::max(sum.busy_ratio, static_cast<double>(second.busy_ns) / static_cast<double>(second.length_ns));
      }
      times.merge(second.times);
      worker->seconds().release();
    }
    sum.times = static_cast<std::int64_t>(times.count());
    sum.p50_ns = times.percentile_ns(50);
    sum.p99_ns = times.percentile_ns(99);
    if (sum.length_ns < 1'000'000) return;  // the sliver between a full second and an edge
    if (events_.second) events_.second(sum);
    if (sum.warming_up) return;
    // The gate on it is about seconds; the rest of one before an edge may be busy for a millisecond.
    if (sum.length_ns >= kHalfSecondNs) report_.busy_peak_ratio = std::max(report_.busy_peak_ratio, sum.busy_ratio);
    report_.seconds.push_back(sum);
  }

  LoadReport& report_;
  const LoadEvents& events_;
};

// Decides when the window opens and tells the workers; gathers seconds until then.
void pass_warm_up(const LoadSpec& spec, const LoadEvents& events, Crew& crew, SecondGatherer& gatherer,
                  LoadReport& report) {
  const std::int64_t start = monotonic_ns() + kLeadNs;
  std::int64_t begin = start + spec.warm_up_ns;
  const bool until_steady = spec.warm_up_max_ns > spec.warm_up_ns;
  const auto plan = [&] {
    crew.edges().end_ns.store(begin + spec.measure_ns, std::memory_order_release);
    crew.edges().begin_ns.store(begin, std::memory_order_release);
    if (events.planned) events.planned(begin, begin + spec.measure_ns);
  };
  if (!until_steady) plan();
  crew.edges().start_ns.store(start, std::memory_order_release);
  if (!until_steady) return;

  // Ten of them fill the shortest warm-up, or it could never be that short.
  const std::int64_t window_ns = std::clamp(spec.warm_up_ns / kSteadyWindows, kHalfSecondNs / 5, kHalfSecondNs);
  std::vector<double> windows;
  std::int64_t good = 0;
  report.steady = false;
  for (std::int64_t now = start; now - start < spec.warm_up_max_ns && !wants_stop(events);) {
    now += window_ns;
    sleep_until(now);
    gatherer.gather(crew);
    const std::int64_t so_far = crew.good_so_far();
    windows.push_back(static_cast<double>(so_far - good));
    good = so_far;
    report.steady = is_steady(windows);
    if (report.steady && now - start >= spec.warm_up_ns) break;
  }
  begin = monotonic_ns() + kLeadNs;
  plan();
}

void merge(const std::vector<std::unique_ptr<Worker>>& workers, LoadReport& report) {
  WorkerResult& all = report.all;
  all.begin_ns = workers.front()->result().begin_ns;
  all.end_ns = workers.front()->result().end_ns;
  all.is_complete = true;
  // With a limit of requests each ends when it is done with its own; the last one ends the window.
  for (const auto& worker : workers) all.end_ns = std::max(all.end_ns, worker->result().end_ns);
  for (const auto& worker : workers) {
    const WorkerResult& one = worker->result();
    all.window += one.window;
    all.is_complete = all.is_complete && one.is_complete;
    all.is_stranded = all.is_stranded || one.is_stranded;
    all.in_flight_begin += one.in_flight_begin;
    all.in_flight_end += one.in_flight_end;
    all.queued_begin += one.queued_begin;
    all.queued_end += one.queued_end;
    all.unanswered += one.unanswered;
    all.waited_least_ns = std::min(all.waited_least_ns, one.waited_least_ns);
    all.answered_late += one.answered_late;
    all.connections_asked += one.connections_asked;
    all.connections_unserved += one.connections_unserved;
    all.late += one.late;
    all.deliveries += one.deliveries;
    all.delivery.merge(one.delivery);
    all.service_sum_ns += one.service_sum_ns;
    all.context_switches += one.context_switches;
    all.run_queue_wait_ns = std::max(all.run_queue_wait_ns, one.run_queue_wait_ns);
    report.cpu_all_ns += one.cpu_ns;
    report.spin_all_ns += one.spin_ns;
    if (one.cpu_ns >= all.cpu_ns) {
      all.cpu_ns = one.cpu_ns;
      all.spin_ns = one.spin_ns;
    }
    all.statuses += one.statuses;
    for (std::size_t i = 0; i < all.examples.size(); ++i) {
      if (!all.examples[i].is_known) all.examples[i] = one.examples[i];
    }
    all.remarks.merge(one.remarks);
    for (const BadBody& bad : one.bad_bodies) {
      if (BadBody* const kept = keep_bad_body(all.bad_bodies, bad.request, bad.rule, bad.take)) *kept = bad;
    }
    const std::int64_t length_ns = one.end_ns - one.begin_ns;
    const double busy =
        length_ns > 0 ? static_cast<double>(one.cpu_ns - one.spin_ns) / static_cast<double>(length_ns) : 0;
    report.busy_peak_ratio = std::max(report.busy_peak_ratio, busy);
    all.response.merge(one.response);
    all.service.merge(one.service);
    all.send_error.merge(one.send_error);
    all.lag.merge(one.lag);
  }
}

// The error share of the window so far, in whole seconds; too few answers prove nothing.
bool has_too_many_errors(const LoadSpec& spec, const LoadReport& report) {
  constexpr std::int64_t kLeast = 100;
  if (spec.error_limit >= 1) return false;
  std::int64_t good = 0;
  std::int64_t errors = 0;
  for (const SecondReport& second : report.seconds) {
    good += second.good;
    errors += second.errors;
  }
  const auto all = static_cast<double>(good + errors);
  return good + errors >= kLeast && static_cast<double>(errors) > spec.error_limit * all;
}

// The workers do the load; this only watches until it is over.
void await_end(const LoadSpec& spec, const LoadEvents& events, Crew& crew, SecondGatherer& gatherer,
               LoadReport& report) {
  while (!crew.is_done()) {
    sleep_until(monotonic_ns() + kPollNs);
    gatherer.gather(crew);
    const bool is_open = monotonic_ns() >= crew.edges().begin_ns.load();
    if (is_open ? events.should_stop && events.should_stop() : wants_stop(events)) crew.stop();
    if (report.ended != WindowEnd::time) continue;
    if (wants_end(events)) report.ended = WindowEnd::interrupted;
    else if (has_too_many_errors(spec, report)) report.ended = WindowEnd::errors;
    if (report.ended != WindowEnd::time) crew.edges().end_ns.store(monotonic_ns() + kLeadNs);
  }
  gatherer.gather(crew);
}

// Said before the kernel ends the program for it, or somebody else's.
Status check_memory(const LoadSpec& spec, const RequestSets& requests) {
  constexpr double kMost = 4.0 * (1U << 30U);
  const double of_machine = static_cast<double>(sysconf(_SC_PHYS_PAGES)) * static_cast<double>(sysconf(_SC_PAGESIZE));
  const double most = std::min(kMost, of_machine / 2);
  const double needed = memory_needed(spec, requests);
  if (needed <= most) return {};
  const auto gib = [](double bytes) { return bytes / (1U << 30U); };
  return fail(ErrorCode::exhausted,
              fmt::format("requests in flight on {} connections would take {:.1f} GiB of memory (at most {:.1f} GiB): "
                          "fewer connections, shorter bodies or less pipelining do",
                          spec.connections, gib(needed), gib(most)));
}

Result<RequestSets> make_requests(const LoadSpec& spec) {
  const std::string& address = spec.target.address;
  const std::string host =
      !spec.target.unix_path.empty()
          ? "localhost"
          : fmt::format("{}:{}", address.find(':') == std::string::npos ? address : "[" + address + "]",
                        spec.target.port);
  auto requests = RequestSet::make(spec.requests, host, spec.protocol, spec.table, spec.tls.is_used ? "https" : "http",
                                   spec.is_session);
  if (!requests) return fail(requests.error());
  RequestSpec stream = spec.stream;
  if (spec.protocol == Protocol::sse) add_unless_given(stream.headers, "Accept", "text/event-stream");
  if (spec.protocol == Protocol::websocket) {
    for (const auto& [name, value] : upgrade_headers()) add_unless_given(stream.headers, name, value);
  }
  auto opening = RequestSet::make({stream}, host);
  if (!opening) return fail(opening.error());
  if (opening->has_random_parts()) return fail(ErrorCode::invalid_argument, "what opens a stream holds nothing drawn");
  return RequestSets{std::move(*requests), std::move(*opening)};
}

}  // namespace

std::string_view to_string(WindowEnd end) {
  switch (end) {
    case WindowEnd::time: return "time";
    case WindowEnd::count: return "count";
    case WindowEnd::errors: return "errors";
    case WindowEnd::unreachable: return "unreachable";
    case WindowEnd::interrupted: return "interrupted";
  }
  return "";
}

Result<LoadReport> run_load(const LoadSpec& spec, const LoadEvents& events) {
  auto requests = make_requests(spec);
  if (!requests) return fail(requests.error());
  const Status fits = check_memory(spec, *requests);
  if (!fits) return fail(fits.error());
  const Status placed = enter_network_namespace(spec.target.netns);
  if (!placed) return fail(placed.error());
  const Status allowed = allow_descriptors(static_cast<std::uint64_t>(spec.connections) +
                                           static_cast<std::uint64_t>(spec.subscribers) + 64);
  if (!allowed) return fail(allowed.error());

  // This thread too, which only reports: anywhere else it would disturb what is being measured.
  const Status pinned = pin_to_cpus(spec.cpus);
  if (!pinned) return fail(pinned.error());

  Crew crew(spec, std::move(*requests));
  const Status started = crew.start(events.edge_fd);
  if (!started) return fail(started.error());
  const Status connected = crew.await_connections(events);
  if (!connected) return fail(connected.error());

  LoadReport report;
  report.open_loop = spec.open_loop;
  report.transport = crew.transport();
  report.timer_mode = !spec.open_loop ? "none" : spec.wait == WaitMode::hybrid ? "hybrid" : "sleep";
  report.connections = spec.connections;
  report.subscribers = spec.subscribers;
  if (events.ready) events.ready(report);

  SecondGatherer gatherer(report, events);
  pass_warm_up(spec, events, crew, gatherer, report);
  await_end(spec, events, crew, gatherer, report);
  merge(crew.workers(), report);
  if (spec.protocol == Protocol::websocket) {  // messages have no status
    report.all.statuses = {};
    for (ErrorExample& example : report.all.examples) example.status = 0;
  }
  report.security = crew.workers().front()->transport().security();
  if (report.all.end_ns == 0) {
    return fail(ErrorCode::cancelled, report.all.begin_ns == 0 ? "stopped in the warm-up: nothing was measured"
                                                               : "the load was stopped before its window ended");
  }
  if (report.ended == WindowEnd::time && report.all.is_complete) report.ended = WindowEnd::count;
  if (report.ended == WindowEnd::time && report.all.is_stranded) report.ended = WindowEnd::unreachable;
  if (report.ended != WindowEnd::time) return report;
  // A worker that gets no CPU passes the edges late; a window that shrank by it is no window.
  const auto length_ns = static_cast<double>(report.all.end_ns - report.all.begin_ns);
  if (length_ns < kLeastWindow * static_cast<double>(spec.measure_ns) - kEdgeNs) {
    return fail(ErrorCode::exhausted,
                fmt::format("the load generator did not get its CPU: of {:.3f} s to measure it saw {:.3f} s",
                            static_cast<double>(spec.measure_ns) / 1e9, length_ns / 1e9));
  }
  return report;
}

}  // namespace dyno::loadgen
