#include "contract/service_checks.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/text.h"
#include "contract/json_value.h"

namespace dyno::contract {
namespace {

constexpr int kConnections = 16;
// The contract says 2 s; the rest is for a busy machine.
constexpr Nanos kAnswerWithin = std::chrono::milliseconds(2500);
constexpr std::size_t kLongestError = 200;

// Words that reveal the cause: of drivers, sockets and run-times, in lower case.
constexpr std::array<std::string_view, 20> kTelling{
    "connect", "refused", "timeout", "timed out", "econn", "sql",   "socket", "terminat", "password", "login",
    "errno",   "pool",    "fatal",   "exception", "trace", " at /", "role",   "57p0",     "driver",   "address"};

std::string named(const Request& request) { return fmt::format("{} {}", request.method, request.target); }

// With numbers drawn for these checks.
Setting drawn_setting(const Workload& workload, const Examination& examination, Draw& draw) {
  const DatabaseUse& use = *workload.database;
  return setting_of(workload, use.counted_params ? use.counted_params(draw) : Params{}, examination.users);
}

Request any_request(const Workload& workload, const Examination& examination, Draw& draw) {
  return workload.database->request(drawn_setting(workload, examination, draw), draw);
}

Asking asking_for(const char* purpose, const Workload& workload, const Examination& examination) {
  return {examination.host, Depth::full, Draw::of(examination.seed, purpose, workload.name), examination.users};
}

std::vector<Workload> those_with_database(std::vector<Workload> workloads) {
  std::erase_if(workloads, [](const Workload& workload) { return !workload.database; });
  return workloads;
}

// {"error":"<text>"} that does not say why.
BodyRule unavailable(std::vector<std::string> private_words) {
  return [words = std::move(private_words)](std::string_view body) -> std::optional<Difference> {
    const std::string shown = fmt::format("\"{}\"", visible(body, kLongestError));
    const auto text = error_text(body);
    if (!text || text->empty()) return Difference{R"({"error":"<text>"})", shown};
    if (body.size() > kLongestError) return Difference{fmt::format("at most {} bytes", kLongestError), shown};
    const std::string said = lower(*text);
    const auto shows = [&](std::string_view word) { return said.find(lower(word)) != std::string::npos; };
    const bool tells = std::any_of(kTelling.begin(), kTelling.end(), shows) ||
                       std::any_of(words.begin(), words.end(), [&](const auto& word) { return shows(word); });
    if (!tells) return std::nullopt;
    return Difference{"an error that does not say why", shown};
  };
}

struct Asked {
  Request request;
  ExpectedAnswer expected;
};

std::vector<Asked> asked_in(const Outage& outage, const Examination& examination) {
  std::vector<Asked> asked;
  const auto add = [&](const Request& request, int status) {
    asked.push_back({request, status_only(named(request), status)});
  };
  add(get("/health"), 200);
  add(get("/ready"), 503);
  Draw draw = Draw::of(examination.seed, "outage", "");
  for (const Workload& workload : those_with_database(outage.workloads)) {
    add(any_request(workload, examination, draw), 503);
    ExpectedAnswer& expected = asked.back().expected;
    expected.only_status = false;
    expected.media_type = "application/json";
    expected.body = unavailable(outage.private_words);
  }
  return asked;
}

Judgement judge_outage(const std::vector<Asked>& asked, bool hangs, Outcomes outcomes) {
  Judgement judgement;
  for (std::size_t i = 0; i < outcomes.size(); ++i) {
    const ExpectedAnswer& expected = asked[i].expected;
    if (outcomes[i].answers.empty()) {
      const std::string got = "no answer (" + visible(outcomes[i].error, 100) + ")";
      // A driver without a limit of its own waits as long as its database does: stacks/CONTRACT.md lists such a stack.
      if (hangs && expected.status == 503 && outcomes[i].error.starts_with("timeout")) {
        judgement.notes.push_back(fmt::format("{}: {} within 2 s while the database hangs", expected.request, got));
        continue;
      }
      judgement.failure =
          CheckFailure{"", fmt::format("{}: status {} within 2 s", expected.request, expected.status), got};
      return judgement;
    }
    if (const auto found = difference(expected, outcomes[i].answers.front())) {
      judgement.failure = CheckFailure{"", found->expected, found->got};
      return judgement;
    }
  }
  return judgement;
}

}  // namespace

std::optional<LiveCheck> live_check(const Workload& workload, const Examination& examination) {
  if (!workload.database || !workload.database->live) return std::nullopt;
  Asking asking = asking_for("live", workload, examination);
  return workload.database->live(asking);
}

std::optional<WrittenCheck> written_check(const Workload& workload, const Examination& examination) {
  if (!workload.database || !workload.database->written) return std::nullopt;
  Asking asking = asking_for("written", workload, examination);
  return workload.database->written(asking);
}

std::optional<AuditedLoad> audited_load(const Workload& workload, const Examination& examination) {
  if (!workload.database) return std::nullopt;
  Draw draw = Draw::of(examination.seed, "audit", workload.name);
  const Setting setting = drawn_setting(workload, examination, draw);
  std::vector<Step> steps;
  std::vector<ExpectedAnswer> answers;
  for (int connection = 0; connection < kConnections; ++connection) {
    std::vector<Request> requests;
    for (int i = 0; i < kAuditedRequests / kConnections; ++i) {
      requests.push_back(workload.database->request(setting, draw));
      answers.push_back(status_only(named(requests.back()), 200));
    }
    steps.push_back({Nanos(0), pipelined(requests, examination.host)});
    steps.back().exchange.together = connection > 0;
    steps.back().exchange.timeout = std::chrono::seconds(30);
  }
  return AuditedLoad{make_check(workload.name + ": statements per request", std::move(steps), std::move(answers)),
                     workload.database->promise(setting)};
}

Check outage_check(const Outage& outage, const Examination& examination) {
  std::vector<Asked> asked = asked_in(outage, examination);
  Check check;
  check.name = outage.hangs ? "the database hangs" : "the database is gone";
  for (const Asked& one : asked) {
    check.steps.push_back({Nanos(0), exchange_of(one.request, examination.host)});
    check.steps.back().exchange.together = check.steps.size() > 1;
    check.steps.back().exchange.timeout = kAnswerWithin;
  }
  check.ruling = [asked = std::move(asked), hangs = outage.hangs](Outcomes outcomes) {
    return judge_outage(asked, hangs, outcomes);
  };
  return check;
}

Check recovered_check(const std::vector<Workload>& workloads, const Examination& examination) {
  const auto all = those_with_database(workloads);
  Draw draw = Draw::of(examination.seed, "recovered", "");
  std::vector<Step> steps;
  std::vector<ExpectedAnswer> answers;
  for (int i = 0; i < kAtOnce; ++i) {
    const Request request = i == 0 || all.empty()
                                ? get("/ready")
                                : any_request(all[static_cast<std::size_t>(i) % all.size()], examination, draw);
    steps.push_back({Nanos(0), exchange_of(request, examination.host)});
    steps.back().exchange.together = i > 0;
    answers.push_back(status_only(named(request), 200));
  }
  return make_check("the database is back", std::move(steps), std::move(answers));
}

}  // namespace dyno::contract
