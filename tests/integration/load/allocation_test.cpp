// Once it is under way a worker takes nothing from the heap, whatever its requests draw, expect and take: over a kernel of our own
// making that answers at once, in one piece or in several.
#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <new>
#include <thread>
#include <utility>

#include <fmt/format.h>

#include "base/random.h"
#include "runners/load/worker.h"

namespace {

thread_local std::int64_t taken_from_heap = 0;

}  // namespace

// NOLINTBEGIN(readability-inconsistent-declaration-parameter-name)
// Not inlined: GCC would take malloc and delete for a pair that does not match.
[[gnu::noinline]] void* operator new(std::size_t bytes) {
  ++taken_from_heap;
  void* const block = std::malloc(bytes);
  if (block == nullptr) throw std::bad_alloc();
  return block;
}
[[gnu::noinline]] void operator delete(void* block) noexcept { std::free(block); }
[[gnu::noinline]] void operator delete(void* block, std::size_t) noexcept { std::free(block); }
// NOLINTEND(readability-inconsistent-declaration-parameter-name)

namespace dyno::loadgen {
namespace {

constexpr std::int64_t kWarm = 20'000;  // answers, until which buffers may grow
constexpr std::int64_t kAnswers = 100'000;

class Answering final : public Transport {
 public:
  Answering(std::vector<std::string> answers, std::int64_t& grown) : answers_(std::move(answers)), grown_(grown) {
    opening_.reserve(64);
    sent_.reserve(64);
  }

  void open(Slot slot) override { opening_.push_back(slot); }
  void send(Slot slot, std::string_view bytes) override {
    ASSERT_TRUE(bytes.ends_with("\r\n\r\n"));
    sent_.push_back(slot);
  }
  bool has_sent(Slot) const override { return true; }
  void close(Slot slot) override { std::erase(sent_, slot); }
  void leave(Slot slot) override { close(slot); }
  void close_sockets() override {}
  void poll(std::int64_t, TransportListener& listener) override {
    listener.on_wake();
    for (const Slot slot : opening_) listener.on_open(slot);
    opening_.clear();
    now_.swap(sent_);
    // All begin before any ends, so that there are several to be kept at once.
    for (const Slot slot : now_) {
      const std::string& answer = answer_for(slot);
      cut_[slot] = random_.below(answer.size() + 1);
      listener.on_bytes(slot, std::string_view(answer).substr(0, cut_[slot]));
    }
    for (const Slot slot : now_) {
      if (cut_[slot] == answer_for(slot).size()) continue;
      listener.on_bytes(slot, std::string_view(answer_for(slot)).substr(cut_[slot]));
    }
    for (const Slot slot : now_) ++steps_[slot];
    now_.clear();
    if (told_ < kWarm && (told_ = answered_) >= kWarm) before_ = taken_from_heap;
    if (answered_ < kAnswers) grown_ = taken_from_heap - before_;
  }
  std::vector<int> descriptors() const override { return {}; }
  std::string_view name() const override { return "answering"; }

 private:
  const std::string& answer_for(Slot slot) {
    ++answered_;
    return answers_[steps_[slot] % answers_.size()];
  }

  const std::vector<std::string> answers_;
  std::int64_t& grown_;
  std::vector<Slot> opening_;
  std::vector<Slot> sent_;
  std::vector<Slot> now_;
  std::array<std::size_t, 64> steps_{};
  std::array<std::size_t, 64> cut_{};
  Random random_{5};
  std::int64_t answered_ = 0;
  std::int64_t told_ = 0;
  std::int64_t before_ = 0;
};

std::string ok(const std::string& headers, const std::string& body) {
  return fmt::format("HTTP/1.1 200 OK\r\n{}Content-Length: {}\r\n\r\n{}", headers, body.size(), body);
}

// What was taken from the heap between the warm-up and the end.
std::int64_t allocations(LoadSpec spec, std::vector<std::string> answers) {
  spec.target = {"127.0.0.1", 1, ""};
  spec.connections = 16;
  spec.requests_limit = kAnswers;
  spec.body_sample_ratio = 1;
  auto requests = RequestSet::make(spec.requests, "host", Protocol::http1, spec.table, "http", spec.is_session);
  auto none = RequestSet::make({RequestSpec()}, "host");
  EXPECT_TRUE(requests && none) << (requests ? "" : requests.error().message);
  const RequestSets sets{std::move(*requests), std::move(*none)};
  Edges edges;
  std::int64_t grown = -1;
  Worker worker(spec, sets, {.connections = 16, .requests_limit = kAnswers}, edges,
                std::make_unique<Answering>(std::move(answers), grown));
  const std::int64_t begin = monotonic_ns() + 20'000'000;
  edges.begin_ns = edges.start_ns = begin;
  edges.end_ns = begin + 60'000'000'000;
  std::jthread([&worker] { worker.run(); }).join();
  EXPECT_EQ(worker.result().window.good, kAnswers)
      << (worker.result().bad_bodies.empty() ? "" : worker.result().bad_bodies.front().why);
  EXPECT_EQ(worker.result().window.bodies_checked, spec.requests.front().rules.empty() ? 0 : kAnswers);
  return grown;
}

AnswerRule rule_of(RuleKind kind, std::string name, std::optional<std::string> value) {
  AnswerRule rule;
  rule.kind = kind;
  rule.name = std::move(name);
  rule.value = std::move(value);
  return rule;
}

TEST(LoadAllocations, NothingForDrawnPartsAndRulesOnEveryAnswer) {
  LoadSpec spec;
  for (int i = 0; i < 8; ++i) {
    RequestSpec& request = spec.requests.emplace_back();
    request.target = fmt::format("/{}/{{1..1000}}/{{seq}}", i);
    request.headers = {{"X-Id", "{uuid}"}};
    request.rules = {rule_of(RuleKind::content_type, "", "application/json"), rule_of(RuleKind::header, "X-A", "b"),
                     rule_of(RuleKind::contains, "", "name"), rule_of(RuleKind::json, "/items/1/id", "7"),
                     rule_of(RuleKind::json, "/name", "\"Zo\\u00eb\"")};
    request.rules.back().length_most = 3;
  }
  const std::string body =
      R"({"items": [{"id": 1}, {"id": 7}], "name": "Zoë", "pad": ")" + std::string(3000, 'x') + "\"}";
  EXPECT_EQ(allocations(std::move(spec), {ok("X-A: b\r\nContent-Type: application/json\r\n", body)}), 0);
}

TEST(LoadAllocations, NothingForSessions) {
  LoadSpec spec;
  spec.is_session = true;
  spec.table = read_csv("user\nann\nbob\n", "t").value();
  spec.requests.resize(2);
  spec.requests[0].target = "/login/{user}";
  spec.requests[0].takes = {{"token", TakeFrom::json, "/token"}, {"next", TakeFrom::header, "Location"}};
  spec.requests[1].target = "/{next}";
  spec.requests[1].headers = {{"Authorization", "Bearer {token}"}};
  const std::string token(300, 't');
  EXPECT_EQ(
      allocations(std::move(spec), {ok("Location: orders\r\n", "{\"token\": \"" + token + "\\u0041\"}"), ok("", "ok")}),
      0);
}

}  // namespace
}  // namespace dyno::loadgen
