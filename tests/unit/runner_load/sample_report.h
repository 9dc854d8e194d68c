// Load reports with known figures. For tests.
#pragma once

#include "runners/load/run_load.h"

namespace dyno::loadgen {

inline LoadReport sample(bool open_loop) {
  LoadReport report;
  report.open_loop = open_loop;
  report.transport = "epoll";
  report.timer_mode = open_loop ? "sleep" : "none";
  report.connections = 2;
  report.all.begin_ns = 1'000'000'000;
  report.all.end_ns = 3'000'000'000;
  report.all.window.sent = 99;
  report.all.window.good = 98;
  report.all.window.error(ErrorKind::timeout) = 1;
  report.all.in_flight_begin = 2;
  report.all.in_flight_end = 2;
  report.all.service.record_many(1'000'000, 98);
  report.all.service_sum_ns = 98'000'000;
  if (open_loop) {
    report.all.response.record_many(2'000'000, 98);
    report.all.lag.record_many(1000, 98);
    report.all.late = 49;
  }
  return report;
}

// A server that was asked by 64 connections, served them for a while, answered some with errors, and then fell silent.
inline LoadReport frozen() {
  LoadReport report = sample(false);
  WorkerResult& all = report.all;
  report.connections = 64;
  all.end_ns = 6'000'000'000;
  all.window = {};
  all.window.sent = 20'000;
  all.window.good = 19'900;
  all.window.bytes_in = 3'000'000;
  all.window.error(ErrorKind::bad_status) = 36;
  all.in_flight_begin = 0;
  all.in_flight_end = 64;
  all.answered_late = 2;
  all.unanswered = 62;
  all.waited_least_ns = 4'900'000'000;
  all.connections_asked = 64;
  all.connections_unserved = 3;
  for (int i = 0; i < 19'900; ++i) {
    all.statuses.count(200);
    all.service.record(100'000 + 10 * i);
  }
  all.service.record_many(4'950'000'000, 62);
  for (int i = 0; i < 36; ++i) all.statuses.count(i < 30 ? 503 : 500);
  ErrorExample& example = all.examples[static_cast<std::size_t>(ErrorKind::bad_status)];
  example.is_known = true;
  example.status = 503;
  example.keep_bytes("upstream \"a\" is down\n");
  for (int i = 0; i < 5; ++i) {
    SecondReport second;
    second.number = i;
    second.length_ns = 1'000'000'000;
    second.good = i < 2 ? 9'950 : 0;
    second.errors = i < 2 ? 18 : 0;
    report.seconds.push_back(second);
  }
  return report;
}

inline LoadSpec sample_spec() {
  LoadSpec spec;
  spec.connections = 64;
  spec.measure_ns = 5'000'000'000;
  spec.requests.emplace_back();
  spec.requests.front().target = "/json";
  return spec;
}

}  // namespace dyno::loadgen
