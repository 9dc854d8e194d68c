// sse: what a subscriber sees of what is published. The subscribers of an exchange are greeted before anything is published.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "base/text.h"
#include "contract/workloads/registry.h"

namespace dyno::contract {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kShownBytes = 80;
constexpr int kClients = 16;
constexpr int kMessagesEach = 8;
// From the last message's publication until every subscriber has it: at once, for people, and on a machine that is busy.
constexpr Nanos kAtOncePatience = 3s;

struct Event {
  std::string id;
  std::string data;
};

// The events of a stream as WHATWG HTML 9.2.6 reads them, as far as the contract uses it; comments are passed over.
std::vector<Event> events_of(std::string_view stream) {
  std::vector<Event> events;
  Event event;
  bool has_data = false;
  for (std::string_view line : split(stream, '\n')) {
    if (line.ends_with('\r')) line.remove_suffix(1);
    const auto value = [&](std::size_t name) {
      line.remove_prefix(name);
      if (line.starts_with(' ')) line.remove_prefix(1);
      return std::string(line);
    };
    if (line.empty()) {
      if (has_data) events.push_back(event);
      event = {};
      has_data = false;
    } else if (line.starts_with("id:")) {
      event.id = value(3);
    } else if (line.starts_with("data:")) {
      event.data += (has_data ? "\n" : "") + value(5);
      has_data = true;
    }
  }
  return events;
}

std::optional<Difference> right_head(const ports::Answer& answer) {
  if (answer.status != 200) return Difference{"status 200", fmt::format("status {}", answer.status)};
  const auto type = single_header(answer, "Content-Type").value_or("");
  if (trim(split(type, ';')[0]) != "text/event-stream")
    return Difference{"Content-Type: text/event-stream", fmt::format("\"{}\"", visible(type, kShownBytes))};
  for (const std::string_view name : {"Content-Length", "Content-Encoding", "Set-Cookie"}) {
    if (single_header(answer, name)) return Difference{fmt::format("no {}", name), "one"};
  }
  if (!parse_http_date(single_header(answer, "Date").value_or("")))
    return Difference{"one Date such as Sun, 06 Nov 1994 08:49:37 GMT", "none that is right"};
  return std::nullopt;
}

std::optional<Difference> right_events(const std::vector<std::string>& wanted, const ports::Answer& answer) {
  if (auto found = right_head(answer)) return found;
  if (!answer.body.starts_with(": ok"))
    return Difference{"the comment \": ok\" first", fmt::format("\"{}\"", visible(answer.body, kShownBytes))};
  const std::vector<Event> events = events_of(answer.body);
  std::int64_t last_id = -1;
  for (std::size_t i = 0; i < std::max(wanted.size(), events.size()); ++i) {
    const std::string expected =
        i < wanted.size() ? fmt::format("the message \"{}\"", wanted[i]) : "no further message";
    if (i >= events.size()) return Difference{expected, "no further message"};
    const Event& event = events[i];
    if (i >= wanted.size() || event.data != wanted[i])
      return Difference{expected, fmt::format("\"{}\"", visible(event.data, kShownBytes))};
    const auto id = parse_int(event.id);
    if (!id || *id <= last_id)
      return Difference{fmt::format("an id above {}", last_id), fmt::format("\"{}\"", visible(event.id, kShownBytes))};
    last_id = *id;
  }
  return std::nullopt;
}

Request publication(const std::string& topic, const std::string& text) {
  return post("/sse?topic=" + topic, "text/plain", text);
}

// The body is the framework's.
ExpectedAnswer taken() { return status_only("POST /sse", 202); }

struct Topic {
  std::string name;
  std::vector<std::string> messages{};
};

// Subscribers take turns over the topics; what is published is published in turns, too, on one connection.
Check published(const Asking& asking, std::string name, const std::vector<Topic>& topics, int subscribers) {
  Check check;
  check.name = std::move(name);
  std::vector<std::vector<std::string>> wanted;
  for (int i = 0; i < subscribers; ++i) {
    const Topic& topic = topics[static_cast<std::size_t>(i) % topics.size()];
    ports::Exchange exchange = exchange_of(get("/sse?topic=" + topic.name), asking.host);
    exchange.is_stream = true;
    exchange.stream_first = ": ok";
    exchange.stream_last = topic.messages.back() + "\n";
    exchange.together = i > 0;
    exchange.timeout = kAtOncePatience;
    check.steps.push_back({Nanos(0), std::move(exchange)});
    wanted.push_back(topic.messages);
  }
  std::vector<Request> requests;
  for (std::size_t i = 0; i < topics.front().messages.size(); ++i) {
    for (const Topic& topic : topics) requests.push_back(publication(topic.name, topic.messages[i]));
  }
  check.steps.push_back({Nanos(0), kept_alive(requests, asking.host)});
  check.steps.back().exchange.together = true;
  check.ruling = [wanted = std::move(wanted), count = requests.size()](Outcomes outcomes) {
    Judgement judgement;
    const auto wrong = [&](const char* request, const Difference& found) {
      judgement.failure = CheckFailure{"", fmt::format("{}: {}", request, found.expected), found.got};
      return judgement;
    };
    const ports::ExchangeOutcome& publisher = outcomes.back();
    for (const ports::Answer& answer : publisher.answers) {
      if (const auto found = difference(taken(), answer)) return wrong("publishing", *found);
    }
    for (std::size_t i = 0; i + 1 < outcomes.size(); ++i) {
      const ports::ExchangeOutcome& outcome = outcomes[i];
      const std::string error = visible(outcome.error, kShownBytes);
      if (outcome.answers.empty()) return wrong("GET /sse", {"a stream", error});
      if (const auto found = right_events(wanted[i], outcome.answers.front())) return wrong("GET /sse", *found);
      if (!error.empty()) return wrong("GET /sse", {"each message at once", error});
    }
    if (publisher.answers.size() != count)
      return wrong("POST /sse", {fmt::format("{} answers", count), fmt::format("{} ({})", publisher.answers.size(),
                                                                               visible(publisher.error, kShownBytes))});
    return judgement;
  };
  return check;
}

Topic topic_of(Draw& draw, int messages) {
  Topic topic{draw.word(12)};
  for (int i = 0; i < messages; ++i) topic.messages.push_back(draw.word(40));
  return topic;
}

std::vector<Check> checks_for(Asking& asking) {
  std::vector<Check> checks{published(asking, "sse: hands on what is published", {topic_of(asking.draw, 2)}, 1)};
  if (asking.depth == Depth::quick) return checks;
  Topic large = topic_of(asking.draw, 1);
  large.messages.front() = asking.draw.word(1024);
  checks.push_back(published(asking, "sse: hands on 1 KiB", {large}, 1));
  checks.push_back(published(
      asking, fmt::format("sse: {} subscribers, nothing lost, duplicated or delivered to another client", kClients),
      {topic_of(asking.draw, kMessagesEach), topic_of(asking.draw, kMessagesEach)}, kClients));
  const Request subscription = get("/sse?topic=" + asking.draw.word(12));
  checks.push_back(deserted(asking, "sse", subscription, request_bytes(subscription, asking.host).size()));
  return checks;
}

// One topic for all: every message goes to every subscriber.
constexpr const char* kLoadTopic = "/sse?topic=load";

std::vector<ports::RequestTemplate> load_of(const Setting& setting, const RightBodies&) {
  ports::RequestTemplate request = load_post(kLoadTopic, "text/plain", "");
  request.body_bytes = setting["bytes"];
  request.expected_status = 202;
  return {request};
}

LoadStream subscribers(const Setting& setting) {
  return {ports::LoadProtocol::sse, load_get(kLoadTopic), static_cast<int>(setting["subscribers"])};
}

}  // namespace

Workload sse_workload() {
  return {.name = "sse",
          // What a published message says of itself takes 28 bytes (runners/load/sse/stamp.h).
          .params = {{.name = "subscribers", .least = 1, .most = 20'000, .fallback = 500},
                     {.name = "bytes", .least = 28, .most = 1024, .fallback = 64}},
          .checks = checks_for,
          .requests = load_of,
          .stream = subscribers,
          .why_open_loop = "its messages are published at a rate",
          .why_one_process = "a message reaches only the subscribers of one"};
}

}  // namespace dyno::contract
