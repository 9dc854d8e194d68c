// What goes into a worker in addition to the spec, and what comes out. Values, except Edges, through which the coordinator steers.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "runners/load/answers_seen.h"
#include "runners/load/clock.h"
#include "runners/load/counts.h"
#include "runners/load/remarks.h"
#include "stats/histogram.h"

namespace dyno::loadgen {

// Times that the coordinator decides and the workers follow.
// NOLINTNEXTLINE(clang-analyzer-optin.performance.Padding): the numbers of {seq} have a cache line of their own
struct Edges {
  std::atomic<std::int64_t> start_ns{kNever};  // load begins
  std::atomic<std::int64_t> begin_ns{kNever};  // the window opens
  std::atomic<std::int64_t> end_ns{kNever};
  std::atomic<bool> stop{false};
  alignas(64) std::atomic<std::int64_t> next_in_sequence{1};  // of {seq}; workers take it in blocks
};

struct WorkerShare {
  int number = 0;   // this worker
  int workers = 1;  // of so many
  int connections = 1;
  int subscribers = 0;
  std::int64_t requests_limit = 0;  // 0: none
  int edge_fd = -1;                 // where the window's edges are told the moment they pass; -1: nowhere
};

// A body that was not good, and why.
struct BadBody {
  std::uint32_t request = 0;  // of the spec's
  std::int64_t rule = -1;     // the request's, from 0; below 0: not what was accepted, or a value that is missing
  std::string take{};         // the name of that value
  std::string why{};          // what was expected and what came; empty: not one of the accepted bodies
  std::string bytes{};        // the first of it
};
constexpr std::size_t kMostBadBodies = 4;
// Where it is kept; null: one of that reason is there already, or there is no room.
inline BadBody* keep_bad_body(std::vector<BadBody>& all, std::uint32_t request, std::int64_t rule,
                              std::string_view take = {}) {
  const bool is_known = std::any_of(all.begin(), all.end(), [&](const BadBody& one) {
    return one.request == request && one.rule == rule && one.take == take;
  });
  if (is_known || all.size() == kMostBadBodies) return nullptr;
  all.push_back({request, rule, std::string(take)});
  return &all.back();
}

struct WorkerResult {
  std::int64_t begin_ns = 0;
  std::int64_t end_ns = 0;
  Counts window;
  bool is_complete = false;  // all requests of the limit were sent and are done
  bool is_stranded = false;  // … never will be: no connection could be had for as long as a request may take
  std::int64_t in_flight_begin = 0;
  std::int64_t in_flight_end = 0;
  std::int64_t queued_begin = 0;
  std::int64_t queued_end = 0;
  // Of the measured requests: no answer until its timeout (an error as well) or the end of the drain.
  std::int64_t unanswered = 0;
  // The shortest time that one of these waited, in response or service; no percentile from here on is known.
  std::int64_t waited_least_ns = stats::Histogram::kHighestNs;
  std::int64_t answered_late = 0;         // under way at the window's end, and an answer came during the drain
  std::int64_t connections_asked = 0;     // had a request to answer inside the window
  std::int64_t connections_unserved = 0;  // … and never did
  std::int64_t late = 0;                  // sent more than one interval late by the loader's own fault
  std::int64_t service_sum_ns = 0;
  std::int64_t cpu_ns = 0;
  std::int64_t spin_ns = 0;
  std::int64_t context_switches = 0;
  std::int64_t run_queue_wait_ns = 0;
  StatusCounts statuses;            // of the answers inside the window
  ErrorExamples examples;           // the first of each kind since the window opened; of connecting, at all
  std::vector<BadBody> bad_bodies;  // the first of each reason, at most kMostBadBodies
  Remarks remarks;
  Deliveries deliveries;
  stats::Histogram response;  // unanswered requests included, with the time they waited
  stats::Histogram service;   // … of those that were sent before the window's end
  stats::Histogram send_error;
  stats::Histogram lag;
  stats::Histogram delivery;  // of the subscribers: from the moment a message was due
};

// Every request that was under way inside the window, by what had become of it at the window's end: sent = good + errors +
// unanswered, whatever the server does. Failures to connect belong to no request; what was dropped was never sent.
struct Account {
  std::int64_t sent = 0;  // with those that were under way when the window opened
  std::int64_t good = 0;
  std::int64_t errors = 0;
  std::int64_t unanswered = 0;
};

inline Account account_of(const WorkerResult& result) {
  return {result.window.sent + result.in_flight_begin, result.window.good, result.window.errors_of_sent(),
          result.in_flight_end};
}

}  // namespace dyno::loadgen
