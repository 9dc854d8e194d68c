#include "model_stack.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <ctime>
#include <tuple>

#include "base/text.h"

namespace dyno::contract {
namespace {

std::string http_date(WallTime now) {
  const std::time_t seconds = to_ns(now) / 1'000'000'000;
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  char text[40];
  return {text, std::strftime(text, sizeof(text), "%a, %d %b %Y %H:%M:%S GMT", &parts)};
}

bool is_name(const std::string& text) {
  return !text.empty() && text.size() <= 32 && std::all_of(text.begin(), text.end(), [](unsigned char c) { return std::isalnum(c) != 0; });
}

// One request off the front of the bytes.
SeenRequest take_request(std::string& bytes) {
  SeenRequest request;
  const std::size_t end = bytes.find("\r\n\r\n");
  const std::string head = bytes.substr(0, end);
  const auto lines = split(head, '\n');
  const auto words = split(trim(lines[0]), ' ');
  request.method = std::string(words[0]);
  request.version = std::string(words[2].substr(5));
  const auto target = split(words[1], '?');
  request.path = std::string(target[0]);
  if (target.size() > 1) {
    for (const auto pair : split(target[1], '&')) {
      const std::size_t equals = pair.find('=');
      request.query[std::string(pair.substr(0, equals))] = equals == std::string_view::npos ? "" : std::string(pair.substr(equals + 1));
    }
  }
  for (std::size_t i = 1; i < lines.size(); ++i) {
    const auto line = trim(lines[i]);
    const std::size_t colon = line.find(':');
    request.headers[std::string(line.substr(0, colon))] = std::string(trim(line.substr(colon + 1)));
  }
  bytes.erase(0, end + 4);
  const std::size_t size = request.headers.contains("Content-Length") ? static_cast<std::size_t>(parse_int(request.headers.at("Content-Length")).value_or(0)) : 0;
  request.body = bytes.substr(0, size);
  bytes.erase(0, size);
  return request;
}

// Status, media type and body of a GET; what the contract says, written down a second time.
std::tuple<int, std::string, std::string> content(const SeenRequest& request) {
  const std::string json = "application/json";
  if (request.path == "/health") return {200, "text/plain", "ok"};
  if (request.path == "/plaintext") return {200, "text/plain; charset=utf-8", "Hello, World!"};
  if (request.path == "/json") {
    if (!request.query.contains("name")) return {200, json, R"({"message": "Hello, World!"})"};
    const std::string& name = request.query.at("name");
    if (!is_name(name)) return {400, json, R"({"error":"Bad request"})"};
    return {200, json, fmt::format(R"({{"message": "Hello, {}!"}})", name)};
  }
  return {404, "text/plain", "no such page"};
}

}  // namespace

void remove_header(ports::Answer& answer, const std::string& name) {
  std::erase_if(answer.headers, [&](const auto& header) { return header.first == name; });
}

void set_header(ports::Answer& answer, const std::string& name, const std::string& value) {
  remove_header(answer, name);
  answer.headers.emplace_back(name, value);
}

void set_body(ports::Answer& answer, const std::string& body) {
  answer.body = body;
  set_header(answer, "content-length", std::to_string(body.size()));
}

ports::Answer ModelStack::answer(const SeenRequest& request) const {
  auto [status, type, body] = content(request);
  if (request.method != "GET" && request.method != "HEAD" && status == 200) std::tie(status, body) = std::pair(405, "");
  ports::Answer answer;
  answer.status = status;
  answer.headers = {{"content-type", type}, {"date", http_date(now_)}};
  set_body(answer, body);
  if (request.method == "HEAD") answer.body.clear();
  if (request.version == "1.0" || (request.headers.contains("Connection") && request.headers.at("Connection") == "close")) {
    set_header(answer, "connection", "close");
  }
  return answer;
}

ports::ExchangeOutcome ModelStack::perform(const ports::Exchange& exchange) {
  std::string bytes;
  for (const std::string& piece : exchange.pieces) bytes += piece;
  ports::ExchangeOutcome outcome;
  while (!bytes.empty() && !outcome.closed_by_server) {
    const SeenRequest request = take_request(bytes);
    ports::Answer made = answer(request);
    outcome.closed_by_server = std::any_of(made.headers.begin(), made.headers.end(), [](const auto& header) { return header.first == "connection"; });
    if (spoil) spoil(request, made);
    outcome.answers.push_back(std::move(made));
  }
  if (spoil_outcome) spoil_outcome(exchange, outcome);
  return outcome;
}

std::vector<ports::ExchangeOutcome> ModelStack::perform(const Check& check) {
  std::vector<ports::ExchangeOutcome> outcomes;
  for (const Step& step : check.steps) {
    if (!date_stands_still) now_ += step.wait_before;
    outcomes.push_back(perform(step.exchange));
  }
  return outcomes;
}

}  // namespace dyno::contract
