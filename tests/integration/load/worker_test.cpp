// A worker over a kernel of our own making: what it does with a thread that is held up, which no real one does when it is told to.
#include "runners/load/worker.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <thread>
#include <utility>

#include "base/clock.h"

namespace dyno::loadgen {
namespace {

// Each answer is there as soon as its request was sent, and is read by the next poll(). Each send holds the thread up.
class SlowSends final : public Transport {
 public:
  explicit SlowSends(Nanos each) : each_(each) {}

  void open(Slot slot) override { opening_.push_back(slot); }
  void send(Slot slot, std::string_view) override {
    sent_.push_back(slot);
    wait_for(clock_, each_, {});
  }
  bool has_sent(Slot) const override { return true; }
  void close(Slot slot) override { std::erase(sent_, slot); }
  void leave(Slot slot) override { close(slot); }
  void close_sockets() override {}
  void poll(std::int64_t timeout_ns, TransportListener& listener) override {
    const std::vector<Slot> opened = std::exchange(opening_, {});
    const std::vector<Slot> answered = std::exchange(sent_, {});
    if (opened.empty() && answered.empty()) wait_for(clock_, Nanos(std::min<std::int64_t>(timeout_ns, 1'000'000)), {});
    listener.on_wake();
    for (const Slot slot : opened) listener.on_open(slot);
    for (const Slot slot : answered) listener.on_bytes(slot, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello");
  }
  std::vector<int> descriptors() const override { return {}; }
  std::string_view name() const override { return "slow sends"; }

 private:
  const Nanos each_;
  RealClock clock_;
  std::vector<Slot> opening_;
  std::vector<Slot> sent_;
};

// By the time the last of them is sent, the first has waited for longer than it may, but its answer lies there unread.
TEST(WorkerHeldUp, CallsNothingLateThatItHasNotLookedFor) {
  LoadSpec spec;
  spec.connections = 3;
  spec.requests_limit = 12;
  spec.timeout_ns = 50'000'000;
  spec.requests.emplace_back();
  spec.requests.front().expected_status = 0;
  auto requests = RequestSet::make(spec.requests, "host");
  auto none = RequestSet::make({RequestSpec()}, "host");
  ASSERT_TRUE(requests && none);
  const RequestSets sets{std::move(*requests), std::move(*none)};
  Edges edges;
  Worker worker(spec, sets, {.connections = 3, .requests_limit = 12}, edges,
                std::make_unique<SlowSends>(std::chrono::milliseconds(40)));
  const std::int64_t begin = monotonic_ns() + 50'000'000;
  edges.begin_ns = edges.start_ns = begin;
  edges.end_ns = begin + 20'000'000'000;
  std::jthread([&worker] { worker.run(); }).join();  // on a thread of its own, whose descriptors it may close
  EXPECT_EQ(worker.result().window.good, 12);
  EXPECT_EQ(worker.result().window.all_errors(), 0);
}

}  // namespace
}  // namespace dyno::loadgen
