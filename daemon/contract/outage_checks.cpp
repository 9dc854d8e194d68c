// Many requests at once for the statements to be counted, and what a stack answers while its database is away.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>

#include "base/text.h"
#include "contract/formulas.h"
#include "contract/json_value.h"
#include "contract/service_checks.h"
#include "contract/workload_checks.h"

namespace dyno::contract {
namespace {

using model::Workload;

constexpr int kConnections = 16;
// The contract says 2 s; the rest is for a machine that does other things beside.
constexpr Nanos kAnswerWithin = std::chrono::milliseconds(2500);
constexpr std::size_t kLongestError = 200;

// What tells why: words of drivers, sockets and run-times, in lower case.
constexpr std::array<std::string_view, 20> kTelling{
    "connect", "refused", "timeout", "timed out", "econn", "sql",   "socket", "terminat", "password", "login",
    "errno",   "pool",    "fatal",   "exception", "trace", " at /", "role",   "57p0",     "driver",   "address"};

Request request_of(Workload workload, const std::map<std::string, std::int64_t>& params, Draw& draw) {
  const auto n = params.contains("n") ? params.at("n") : 1;
  Request request;
  switch (workload) {
    case Workload::users: return get(fmt::format("/users/{}", draw.between(1, kUserRows)));
    case Workload::db: return get("/db");
    case Workload::queries: return get(fmt::format("/queries?n={}", n));
    case Workload::fortunes: return get("/fortunes");
    case Workload::updates:
      request = get(fmt::format("/updates?n={}", n));
      request.method = "POST";
      return request;
    default: return get("/health");
  }
}

std::string named(const Request& request) { return fmt::format("{} {}", request.method, request.target); }

ExpectedAnswer status_of(const Request& request, int status) {
  ExpectedAnswer expected;
  expected.request = named(request);
  expected.status = status;
  expected.only_status = true;
  return expected;
}

std::string lowered(std::string_view text) {
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(), [](unsigned char c) { return std::tolower(c); });
  return lower;
}

// {"error":"<text>"} that does not say why.
BodyRule unavailable(std::vector<std::string> private_words) {
  return [words = std::move(private_words)](std::string_view body) -> std::optional<Difference> {
    const std::string shown = fmt::format("\"{}\"", visible(body, kLongestError));
    const auto text = error_text(body);
    if (!text || text->empty()) return Difference{R"({"error":"<text>"})", shown};
    if (body.size() > kLongestError) return Difference{fmt::format("at most {} bytes", kLongestError), shown};
    const std::string said = lowered(*text);
    const auto shows = [&](std::string_view word) { return said.find(lowered(word)) != std::string::npos; };
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

std::vector<Asked> asked_in(const Outage& outage) {
  std::vector<Asked> asked;
  const auto add = [&](const Request& request, int status) { asked.push_back({request, status_of(request, status)}); };
  add(get("/health"), 200);
  add(get("/ready"), 503);
  Draw draw(1);
  for (const Workload workload : outage.workloads) {
    add(request_of(workload, {{"n", 3}}, draw), 503);
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

AuditedLoad audited_load(Workload workload, const std::string& host, std::uint64_t seed) {
  Draw draw(seed ^ (0xA0D17U + static_cast<std::uint64_t>(workload)));
  AuditedLoad load;
  if (workload == Workload::queries || workload == Workload::updates) load.params["n"] = draw.between(3, 9);
  std::vector<Step> steps;
  std::vector<ExpectedAnswer> answers;
  for (int connection = 0; connection < kConnections; ++connection) {
    std::vector<Request> requests;
    for (int i = 0; i < kAuditedRequests / kConnections; ++i) {
      requests.push_back(request_of(workload, load.params, draw));
      answers.push_back(status_of(requests.back(), 200));
    }
    steps.push_back({Nanos(0), pipelined(requests, host)});
    steps.back().exchange.together = connection > 0;
    steps.back().exchange.timeout = std::chrono::seconds(30);
  }
  load.check =
      make_check(fmt::format("{}: statements a request", to_string(workload)), std::move(steps), std::move(answers));
  return load;
}

Check outage_check(const Outage& outage, const std::string& host) {
  std::vector<Asked> asked = asked_in(outage);
  Check check;
  check.name = outage.hangs ? "the database hangs" : "the database is gone";
  for (const Asked& one : asked) {
    check.steps.push_back({Nanos(0), exchange_of(one.request, host)});
    check.steps.back().exchange.together = check.steps.size() > 1;
    check.steps.back().exchange.timeout = kAnswerWithin;
  }
  check.ruling = [asked = std::move(asked), hangs = outage.hangs](Outcomes outcomes) {
    return judge_outage(asked, hangs, outcomes);
  };
  return check;
}

Check recovered_check(const std::set<Workload>& workloads, const std::string& host, std::uint64_t seed) {
  Draw draw(seed);
  std::vector<Workload> all(workloads.begin(), workloads.end());
  std::vector<Step> steps;
  std::vector<ExpectedAnswer> answers;
  for (int i = 0; i < kAtOnce; ++i) {
    const Request request = i == 0 || all.empty()
                                ? get("/ready")
                                : request_of(all[static_cast<std::size_t>(i) % all.size()], {{"n", 2}}, draw);
    steps.push_back({Nanos(0), exchange_of(request, host)});
    steps.back().exchange.together = i > 0;
    answers.push_back(status_of(request, 200));
  }
  return make_check("the database is back", std::move(steps), std::move(answers));
}

}  // namespace dyno::contract
