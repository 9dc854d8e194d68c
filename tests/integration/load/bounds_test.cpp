// The real dyno-load program, started by the driver with what the daemon makes of a profile at each bound of each of its keys,
// against a server on loopback: it takes the request, and the daemon reads its report. What its parser takes is also seen, for machines
// of every size, by tests/unit/seams/profile_seam_test.cpp; here the program opens the connections and sends the load.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <memory>
#include <set>

#include "base/text.h"
#include "contract/workloads/registry.h"
#include "fakes/fake_host.h"
#include "fakes/stream_server.h"
#include "fakes/test_server.h"
#include "load/dyno_load_driver.h"
#include "load/load_wire.h"
#include "run/load_phases.h"
#include "run/placement.h"
#include "run/plan.h"
#include "stackfile/files.h"
#include "stats/histogram.h"
#include "unit/seams/profile_bounds.h"

namespace dyno::load {
namespace {

using std::chrono::milliseconds;

constexpr Nanos kShort = milliseconds(20);

// Offers every workload.
model::Stack everything() {
  model::Stack stack;
  stack.name = "all";
  stack.offered_modes = {model::Mode::single, model::Mode::scaled};
  for (const std::string_view word : contract::workload_names()) stack.workloads.emplace_back(word);
  stack.run.command = stack.run.command_scaled = {"serve"};
  return stack;
}

// A share is of a throughput that was measured: here a hundred answers a second.
Rate rate_of(const model::PhaseRate& rate) {
  if (const auto* const fixed = std::get_if<Rate>(&rate)) return *fixed;
  const auto* const share = std::get_if<model::ShareOfCap>(&rate);
  return share == nullptr ? Rate{} : Rate{100 * share->share};
}

// As the daemon would send it, but for the server, and not pinned: a CPU of its own it has on no machine that tests.
std::vector<ports::LoadSpec> loads_of(const model::Profile& profile) {
  const auto placement = run::decide_placement(fakes::flat_topology(2), {});
  if (!placement) return {};
  const model::Plan plan = run::make_plan({everything()}, profile, *placement, 0xFFFF'FFFF'FFFF'FFFF);
  const auto phases = run::phases_for(everything(), profile);
  std::vector<ports::LoadSpec> loads;
  for (std::size_t i = 0; i < phases.size(); ++i) {
    run::PhaseInPlan asked{.plan = plan, .planned = plan.trials.back(), .phases = phases, .index = i};
    asked.target.address = "127.0.0.1";
    asked.target.port = 1;
    asked.rate = rate_of(phases[i].rate);
    asked.shares_cpus = true;
    loads.push_back(run::load_spec(asked, {}));
    loads.back().cpus.clear();
    for (ports::LoadSpec& beside : loads.back().beside) beside.cpus.clear();
  }
  return loads;
}

struct Row {
  std::string what;
  ports::LoadSpec load;
};

// The fields of the daemon's request, each with its value: "load connections=20000". A number means another thing in each protocol.
std::set<std::string> fields_of(const ports::LoadSpec& load, const std::string& of = "") {
  std::set<std::string> fields;
  const std::string request = load_request(load);
  for (const std::string_view line : split(request, '\n')) {
    const auto words = split(line, ' ');
    for (std::size_t i = 1; i < words.size(); ++i)
      fields.insert(fmt::format("{}{} {} {}", of, static_cast<int>(load.protocol), words.front(), words[i]));
  }
  for (const ports::LoadSpec& beside : load.beside) fields.merge(fields_of(beside, "beside "));
  return fields;
}

// As many connections as a busy machine opens in good time, and as the server of streams can bear, which looks at all of its clients for
// each event. The numbers beyond go through the program's parser in profile_seam_test.cpp.
void fit(ports::LoadSpec& load) {
  const int most = load.protocol == ports::LoadProtocol::http1 ? 3000 : 500;
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
  load.connections = std::min(load.connections, most);
  load.subscribers = std::min(load.subscribers, most);
  for (ports::LoadSpec& beside : load.beside) beside.connections = std::min(beside.connections, most);
  if (load.connections == most) load.measure = std::max<Nanos>(load.measure, milliseconds(500));  // each has its turn
}

// Each request in which something stands that stood in none before. Times are short but where they are what is tried.
std::vector<Row> rows() {
  std::vector<Row> all;
  std::set<std::string> seen;
  for (const seams::BoundProfile& bound : seams::profiles_at_their_bounds()) {
    const auto parsed = stackfile::parse_profile(bound.text, "profiles/extreme.yaml");
    if (!parsed.value) continue;
    std::vector<ports::LoadSpec> loads = loads_of(*parsed.value);
    if (loads.empty()) continue;  // it asks a stack's own workloads
    for (ports::LoadSpec* const load : {&loads.front(), &loads.back()}) {
      const bool is_of_warm_up = bound.what.starts_with("/warm_up/") && !bound.what.starts_with("/warm_up/kind");
      if (!is_of_warm_up) load->warm_up = load->warm_up_max = kShort;
      if (!bound.what.starts_with("/phases/measure")) load->measure = kShort;
      load->seed = 0;
      for (ports::LoadSpec& beside : load->beside) beside.seed = 0;
      const std::size_t before = seen.size();
      seen.merge(fields_of(*load));
      if (seen.size() == before) continue;
      all.push_back({bound.what, *load});
      fit(all.back().load);
    }
  }
  return all;
}

class LoadBounds : public testing::Test {
 protected:
  // With a server of its own: the ports of many thousand connections stay taken for a minute.
  tl::expected<ports::LoadOutcome, ports::LoadFailure> begin(ports::LoadSpec load, const ports::LoadListener& listener,
                                                             const std::stop_token& stop) {
    fakes::TestServer requests;
    fakes::StreamServer streams;
    const auto aim = [&](ports::LoadSpec& one) {
      one.target.port = one.protocol == ports::LoadProtocol::http1 ? requests.port() : streams.port();
    };
    aim(load);
    for (ports::LoadSpec& beside : load.beside) aim(beside);
    return driver_.run_phase(load, listener, stop);
  }

  // To its end. False: the load generator got no CPU, however often it was tried, and said so: then the machine is too busy to see more.
  bool expect_report(const Row& row) {
    auto outcome = begin(row.load, {}, {});
    for (int i = 0; i < 3 && !outcome && outcome.error().fault == ports::LoadFault::starved; ++i)
      outcome = begin(row.load, {}, {});
    if (!outcome) {
      EXPECT_EQ(outcome.error().fault, ports::LoadFault::starved) << row.what << ": " << outcome.error().message;
      return false;
    }
    EXPECT_EQ(outcome->sent, outcome->good + outcome->in_flight + outcome->errors.total() - outcome->errors.connect -
                                 outcome->errors.dropped)
        << row.what;
    EXPECT_FALSE(outcome->histograms.empty()) << row.what;
    for (const model::EncodedHistogram& histogram : outcome->histograms)
      EXPECT_TRUE(stats::Histogram::decode(histogram.v2)) << row.what << " " << histogram.kind;
    return true;
  }

  // It is under way: its first second, or its window. Nobody waits for the rest.
  void expect_begin(const Row& row) {
    std::stop_source stop;
    bool has_begun = false;
    const auto seen = [&] {
      has_begun = true;
      stop.request_stop();
    };
    const ports::LoadListener listener{[&](MonotonicTime) { seen(); }, {}, [&](const ports::LoadSecond&) { seen(); }};
    const auto outcome = begin(row.load, listener, stop.get_token());
    ASSERT_FALSE(outcome) << row.what;
    EXPECT_EQ(outcome.error().fault, ports::LoadFault::cancelled) << row.what << ": " << outcome.error().message;
    EXPECT_TRUE(has_begun) << row.what;
  }

 private:
  RealClock clock_;
  DynoLoadDriver driver_{DYNO_BIN_DIR "/dyno-load", clock_};
};

TEST_F(LoadBounds, AreTakenByTheProgramAndItsReportsByTheDaemon) {
  const std::vector<Row> all = rows();
  EXPECT_GT(all.size(), 60U);
  std::size_t reports = 0;
  std::size_t long_ones = 0;
  for (const Row& row : all) {
    if (row.load.warm_up + row.load.warm_up_max + row.load.measure > milliseconds(700)) {
      expect_begin(row);
      ++long_ones;
    } else if (expect_report(row)) {
      ++reports;
    }
  }
  EXPECT_GT(long_ones, 3U);
  EXPECT_GE(reports, (all.size() - long_ones) * 9 / 10);
}

}  // namespace
}  // namespace dyno::load
