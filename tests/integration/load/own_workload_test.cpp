// Workloads from their file to dyno-load: the parser, the checks before the load and the load itself, against a server that remembers
// who logged in. Engine and journal are the fakes.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <string>

#include "base/clock.h"
#include "fakes/test_server.h"
#include "load/dyno_load_driver.h"
#include "stackfile/files.h"
#include "unit/run/executor_fixture.h"

namespace dyno::run {
namespace {

using model::RunState;
using testing::HasSubstr;

constexpr const char* kShop = R"yaml(schema: workload/1
workloads:
  browse:
    mix:
      - path: /orders/{1..500}
        weight: 6
        expect:
          content_type: application/json
          json:
            /id: {type: integer, min: 1, max: 500}
            /state: open
      - {name: notes, weight: 3, method: POST, path: "/notes/{uuid}", body: {json: {text: "n {seq}"}}, expect: {status: 201, body: ""}}
      - {path: /health, expect: {body: ok, size: 2}}
  buy:
    table: users.csv
    session:
      - path: /login
        body: '{"user":"{user}"}'
        take: {token: /token}
      - path: /cart
        headers: {Authorization: "Bearer {token}"}
        take: {cart: {matches: "cart=([0-9]+)"}}
      - {method: POST, path: "/carts/{cart}/pay", headers: {Authorization: "Bearer {token}"}, expect: {status: 201}}
)yaml";

// The containers of the fake engine have no network: the server is on this host's loopback.
class OnLoopback final : public ports::LoadDriver {
 public:
  OnLoopback(ports::LoadDriver& driver, ports::LoadDriver& probes, int port)
      : driver_(driver), probes_(probes), port_(port) {}
  Result<std::unique_ptr<ports::Probe>> start_probe(const ports::ProbeSpec& spec) override {
    return probes_.start_probe(spec);
  }
  Result<std::vector<ports::ExchangeOutcome>> exchange(const ports::LoadTarget&,
                                                       const std::vector<ports::Exchange>& exchanges,
                                                       std::stop_token stop) override {
    return driver_.exchange(here(), exchanges, std::move(stop));
  }
  tl::expected<ports::LoadOutcome, ports::LoadFailure> run_phase(const ports::LoadSpec& spec,
                                                                 const ports::LoadListener& listener,
                                                                 std::stop_token stop) override {
    ports::LoadSpec there = spec;
    there.target = here();
    there.cpus.clear();
    auto outcome = driver_.run_phase(there, listener, std::move(stop));
    if (outcome) outcomes_.push_back(*outcome);
    return outcome;
  }
  std::vector<ports::LoadOutcome> outcomes_;

 private:
  ports::LoadTarget here() const { return {0, "127.0.0.1", port_}; }

  ports::LoadDriver& driver_;
  ports::LoadDriver& probes_;
  const int port_;
};

class OwnWorkload : public ExecutorTest {
 protected:
  OwnWorkload() {
    const auto parsed =
        stackfile::parse_workloads(kShop, "shop.yaml", [](const std::string& path) -> Result<std::string> {
          if (path == "users.csv") return std::string("user\nann\nbob\n");
          return fail(ErrorCode::not_found, path);
        });
    EXPECT_TRUE(parsed.value) << (parsed.problems.empty() ? "" : parsed.problems.front().message);
    model::Stack& shop = job_.stacks[0];
    shop.name = "shop";
    shop.contract = model::ContractKind::own;
    shop.own_workloads = *parsed.value;
    shop.workloads = {"browse", "buy"};
    shop.readiness.deep_path.clear();
    job_.stacks.resize(1);
    job_.profile.blocks = 1;
    job_.profile.startup.warm = 0;
    job_.profile.warm_up.each = std::chrono::milliseconds(50);
    job_.profile.phases.resize(1);
    model::ProfilePhase& phase = job_.profile.phases[0];
    phase.workload = "own/*";
    phase.connections = 4;
    phase.measure = std::chrono::milliseconds(400);
    phase.name = model::name_of(phase);
  }

  fakes::Reply reply(const std::string& path, std::int64_t) {
    const auto answer = [](int status, const std::string& body) {
      return fakes::Reply{fmt::format("HTTP/1.1 {} x\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{}",
                                      status, body.size(), body)};
    };
    if (path.starts_with("/orders/"))
      return answer(200,
                    fmt::format(R"({{"id":{},"state":"{}"}})", path.substr(8), asked_++ < open_for_ ? "open" : "shut"));
    if (path.starts_with("/notes/")) return answer(201, "");
    if (path == "/health") return answer(200, "ok");
    if (path == "/login") return answer(200, R"({"token":"t-1"})");
    if (path == "/cart") return answer(200, "cart=77;");
    if (path == "/carts/77/pay") return ++paid_, answer(201, "");
    return answer(404, path);
  }

  RunState run_against(fakes::TestServer& server) {
    OnLoopback loopback(dyno_load_, load_, server.port());
    fakes::FakeHost host(clock_, engine_, loopback, sampler_);
    Executor executor(rig(host, journal_), {.files = file_checks_,
                                            .was_verified = [](const std::string&) { return false; },
                                            .remember_verified = [](const std::string&, const std::string&) {},
                                            .why_no_room = [] { return std::string(); }});
    const RunState state = execute(executor);
    outcomes_ = loopback.outcomes_;
    return state;
  }
  std::string reason() const { return fakes::events_of<model::TrialFinished>(journal_).at(0).reason; }

  RealClock real_;
  load::DynoLoadDriver dyno_load_{DYNO_BIN_DIR "/dyno-load", real_};
  std::vector<ports::LoadOutcome> outcomes_;
  std::atomic<std::int64_t> asked_{0};
  std::atomic<std::int64_t> paid_{0};
  std::int64_t open_for_ = 1LL << 40U;  // answers to /orders
};

TEST_F(OwnWorkload, IsCheckedAndLoadedAsAMixAndAsASession) {
  fakes::TestServer server({.handler = [this](const std::string& path, std::int64_t n) { return reply(path, n); }});
  EXPECT_EQ(run_against(server), RunState::succeeded) << reason();
  ASSERT_EQ(outcomes_.size(), 2U);
  for (const ports::LoadOutcome& outcome : outcomes_) {
    EXPECT_GT(outcome.good, 20);
    EXPECT_EQ(outcome.errors.total(), 0);
  }
  EXPECT_GT(outcomes_[0].bodies_checked, 0);
  EXPECT_GT(paid_.load(), 20);
}

TEST_F(OwnWorkload, WithAWrongJsonValueEndsTheTrialBeforeTheLoad) {
  open_for_ = 0;
  fakes::TestServer server({.handler = [this](const std::string& path, std::int64_t n) { return reply(path, n); }});
  EXPECT_EQ(run_against(server), RunState::failed);
  EXPECT_TRUE(outcomes_.empty());
  EXPECT_THAT(reason(),
              HasSubstr("expected GET /orders/1: /state = \"open\" (shop.yaml:11), got /state = \"shut\"; the body "
                        "\"{\"id\":1,\"state\":\"shut\"}\""));
}

TEST_F(OwnWorkload, WithAValueThatGoesWrongUnderLoadEndsTheTrialThere) {
  open_for_ = 40;
  fakes::TestServer server({.handler = [this](const std::string& path, std::int64_t n) { return reply(path, n); }});
  EXPECT_EQ(run_against(server), RunState::failed);
  EXPECT_EQ(outcomes_.size(), 1U);
  EXPECT_THAT(reason(), HasSubstr("workload \"browse\" under load: "));
  EXPECT_THAT(reason(), HasSubstr("shop.yaml:11"));
  EXPECT_THAT(reason(), HasSubstr("shut"));
}

TEST_F(OwnWorkload, WithAnAnswerThatIsCutOffShowsWhatCame) {
  fakes::TestServer server({.handler = [](const std::string&, std::int64_t) {
    return fakes::Reply{"HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n{\"id\":", true};
  }});
  EXPECT_EQ(run_against(server), RunState::failed);
  EXPECT_THAT(reason(), HasSubstr("expected GET /orders/1: a whole answer (shop.yaml:8), got none"));
  EXPECT_THAT(reason(), HasSubstr("of the body 6 bytes came: \"{\"id\":\""));
}

}  // namespace
}  // namespace dyno::run
