#include "model_stack.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <ctime>
#include <fstream>
#include <tuple>

#include <nlohmann/json.hpp>
#include <regex>

#include "base/text.h"
#include "contract/formulas.h"

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
  return !text.empty() && text.size() <= 32 &&
         std::all_of(text.begin(), text.end(), [](unsigned char c) { return std::isalnum(c) != 0; });
}

std::string take_chunks(std::string& bytes) {
  std::string body;
  while (true) {
    const std::size_t line = bytes.find("\r\n");
    const auto size = static_cast<std::size_t>(std::stoul(bytes.substr(0, line), nullptr, 16));
    body += bytes.substr(line + 2, size);
    bytes.erase(0, line + 2 + size + 2);
    if (size == 0) return body;
  }
}

std::string decoded(const std::string& text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool escape = text[i] == '%' && i + 2 < text.size();
    out += escape ? static_cast<char>(std::stoi(text.substr(i + 1, 2), nullptr, 16)) : text[i];
    if (escape) i += 2;
  }
  return out;
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
  request.written_path = std::string(target[0]);
  request.path = decoded(request.written_path);
  if (target.size() > 1) {
    for (const auto pair : split(target[1], '&')) {
      const std::size_t equals = pair.find('=');
      request.query[std::string(pair.substr(0, equals))] =
          equals == std::string_view::npos ? "" : std::string(pair.substr(equals + 1));
    }
  }
  for (std::size_t i = 1; i < lines.size(); ++i) {
    const auto line = trim(lines[i]);
    const std::size_t colon = line.find(':');
    request.headers[std::string(line.substr(0, colon))] = std::string(trim(line.substr(colon + 1)));
  }
  bytes.erase(0, end + 4);
  if (request.headers.contains("Transfer-Encoding")) {
    request.body = take_chunks(bytes);
    return request;
  }
  const std::size_t size = request.headers.contains("Content-Length")
                               ? static_cast<std::size_t>(parse_int(request.headers.at("Content-Length")).value_or(0))
                               : 0;
  request.body = bytes.substr(0, size);
  bytes.erase(0, size);
  return request;
}

// Any integer of any length, clamped; nothing for other text.
std::optional<std::int64_t> clamped(const std::string& text, std::int64_t low, std::int64_t high) {
  static const std::regex kInteger("-?[0-9]+");
  if (!std::regex_match(text, kInteger)) return std::nullopt;
  if (text.front() == '-') return low;
  return text.size() > 12 ? high : std::clamp(static_cast<std::int64_t>(std::stoll(text)), low, high);
}

std::optional<std::int64_t> within(const std::string& text, std::int64_t low, std::int64_t high) {
  const auto value = clamped(text, low - 1, high + 1);
  return value && *value >= low && *value <= high ? value : std::nullopt;
}

using Content = std::tuple<int, std::string, std::string>;

const std::string kJson = "application/json";
const Content kBadRequest{400, kJson, R"({"error":"Bad request"})"};

std::string query(const SeenRequest& request, const std::string& name) {
  return request.query.contains(name) ? request.query.at(name) : "";
}

bool is_order(const nlohmann::json& order) {
  static const std::regex kId("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}");
  static const std::regex kEmail("[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(\\.[A-Za-z0-9-]+)+");
  static const std::regex kSku("[A-Z]{3}-[0-9]{4}");
  const auto text = [](const nlohmann::json& value, const std::regex& pattern) {
    return value.is_string() && std::regex_match(value.get<std::string>(), pattern);
  };
  const auto number = [](const nlohmann::json& value, int low, int high) {
    return value.is_number_integer() && value >= low && value <= high;
  };
  if (!order.is_object() || order.size() != 3U + order.count("coupon") || !order.contains("order_id") ||
      !order.contains("email") || !order.contains("items"))
    return false;
  if (order.contains("coupon") && !order["coupon"].is_null() &&
      (!order["coupon"].is_string() || order["coupon"].get<std::string>().size() > 16))
    return false;
  if (!text(order["order_id"], kId) || !text(order["email"], kEmail) || !order["items"].is_array()) return false;
  return !order["items"].empty() && order["items"].size() <= 20 &&
         std::all_of(order["items"].begin(), order["items"].end(), [&](const nlohmann::json& item) {
           return item.is_object() && item.size() == 3 && item.contains("sku") && item.contains("quantity") &&
                  item.contains("unit_price_cents") && text(item["sku"], kSku) && number(item["quantity"], 1, 100) &&
                  number(item["unit_price_cents"], 0, 1000000);
         });
}

Content validate(const std::string& body) {
  if (body.size() > 65536) return {413, kJson, R"({"error":"Too large"})"};
  const auto order = nlohmann::json::parse(body, nullptr, false);
  if (order.is_discarded()) return kBadRequest;
  if (!is_order(order)) return {422, kJson, R"({"valid":false,"errors":1})"};
  std::int64_t total = 0;
  for (const auto& item : order["items"])
    total += item["quantity"].get<std::int64_t>() * item["unit_price_cents"].get<std::int64_t>();
  return {200, kJson, fmt::format(R"({{"valid":true,"total_cents":{}}})", total)};
}

// From the file that stacks read, not from the daemon's constants.
double score_of(const nlohmann::json& features) {
  static const nlohmann::json kModel =
      nlohmann::json::parse(std::ifstream(DYNO_SOURCE_DIR "/stacks/schema/predict.model.json"));
  double z = kModel["bias"].get<double>();
  for (std::size_t i = 0; i < features.size(); ++i)
    z += kModel["weights"][i].get<double>() * (features[i].get<double>() - kModel["means"][i].get<double>()) /
         kModel["scales"][i].get<double>();
  return 1 / (1 + std::exp(-z));
}

Content predict(const std::string& body) {
  if (body.size() > 65536) return {413, kJson, R"({"error":"Too large"})"};
  // nlohmann takes a number beyond every double for an error of the syntax.
  const bool is_beyond = body.find("1e999") != std::string::npos;
  const auto sample = nlohmann::json::parse(body, nullptr, false);
  if (sample.is_discarded() && !is_beyond) return kBadRequest;
  const auto is_feature = [](const nlohmann::json& value) {
    return value.is_number() && std::abs(value.get<double>()) <= 1e6;
  };
  const bool is_sample = sample.is_object() && sample.size() == 1 && sample.contains("features") &&
                         sample["features"].is_array() && sample["features"].size() == 30 &&
                         std::all_of(sample["features"].begin(), sample["features"].end(), is_feature);
  if (!is_sample) return {422, kJson, R"({"valid":false,"errors":1})"};
  const double score = score_of(sample["features"]);
  return {200, kJson, nlohmann::json{{"label", score >= 0.5 ? 1 : 0}, {"score", score}}.dump()};
}

Content cpu(const SeenRequest& request) {
  const auto n = within(query(request, "n"), 1, 10'000'000);
  const std::string kind = query(request, "kind");
  if (!n || (kind != "hash" && kind != "sieve")) return kBadRequest;
  const std::string result = kind == "hash" ? hash_chain(*n) : std::to_string(primes_up_to(*n));
  return {200, kJson, fmt::format(R"({{"kind":"{}","n":{},"result":"{}"}})", kind, *n, result)};
}

Content user(const std::string& text, const std::map<std::int64_t, std::string>& changed) {
  const auto id = within(text, 1, 2147483647);
  if (!id) return kBadRequest;
  if (*id > 10000) return {404, kJson, R"({"error":"Not found"})"};
  if (!changed.contains(*id)) return {200, kJson, user_json(*id)};
  return {200, kJson,
          fmt::format(R"({{"id":{},"name":"{}","email":"user{}@example.com"}})", *id, changed.at(*id), *id)};
}

bool is_of_database(const std::string& path) {
  return path.starts_with("/users/") || path == "/db" || path == "/queries" || path == "/updates" ||
         path == "/fortunes" || path == "/ready";
}

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '<') out += "&lt;";
    else if (c == '>') out += "&gt;";
    else if (c == '&') out += "&amp;";
    else if (c == '"') out += "&#34;";
    else if (c == '\'') out += "&#x27;";
    else out += c;
  }
  return out;
}

std::string page(bool two_hundred, const std::map<std::int64_t, std::string>& changed) {
  std::map<std::string, int> rows;
  if (two_hundred) {
    rows["Additional fortune added at request time."] = 0;
    for (int i = 1; i <= 200; ++i) rows[fmt::format("{}\"{}\"", i % 10 == 0 ? "<b>" : "", i)] = i;
  } else {
    for (const auto& [id, message] : fortunes())
      rows[changed.contains(id) ? changed.at(id) : std::string(message)] = id;
  }
  std::string html =
      "<!DOCTYPE "
      "html>\n<html><head><title>Fortunes</title></head><body><table>\n<tr><th>id</th><th>message</th></tr>\n";
  for (const auto& [message, id] : rows) html += fmt::format("<tr><td>{}</td><td>{}</td></tr>\n", id, escaped(message));
  return html + "</table></body></html>\n";
}

std::string server_frame(unsigned opcode, const std::string& payload) {
  std::string frame(1, static_cast<char>(0x80U | opcode));
  const std::size_t size = payload.size();
  const int length_bytes = size < 126 ? 0 : size < 65536 ? 2 : 8;
  frame += static_cast<char>(length_bytes == 0 ? size : length_bytes == 2 ? 126 : 127);
  for (int i = length_bytes - 1; i >= 0; --i) frame += static_cast<char>(size >> (8 * i) & 0xFFU);
  return frame + payload;
}

// What a server says after the upgrade: each message once more, a pong for each ping, a goodbye for a goodbye.
std::string echo_of(std::vector<std::string> pieces, const std::string& goodbye) {
  if (!goodbye.empty()) pieces.push_back(goodbye);
  std::string said;
  std::string message;
  unsigned kind = 1;
  for (std::size_t i = 1; i < pieces.size(); ++i) {
    const std::string& frame = pieces[i];
    const unsigned first = static_cast<unsigned char>(frame[0]);
    const unsigned size = static_cast<unsigned char>(frame[1]) & 0x7FU;
    const std::size_t head = size < 126 ? 2 : size == 126 ? 4 : 10;
    std::string payload = frame.substr(head + 4);
    for (std::size_t at = 0; at < payload.size(); ++at) payload[at] ^= frame[head + at % 4];
    const unsigned opcode = first & 0x0FU;
    if (opcode >= 8) {
      said += server_frame(opcode == 9 ? 10 : opcode, payload);
      continue;
    }
    if (opcode != 0) kind = opcode;
    message += payload;
    if ((first & 0x80U) != 0) said += server_frame(kind, std::exchange(message, {}));
  }
  return said;
}

}  // namespace

void ModelStack::change(const std::vector<std::string>& arguments) {
  const std::int64_t id = parse_int(arguments.at(1)).value_or(0);
  if (arguments[0] == "users") names_[id] = arguments.at(2);
  if (arguments[0] == "fortune") messages_[id] = arguments.at(2);
  if (arguments[0] != "world") return;
  for (std::int64_t row = id == 0 ? 20 : id; row <= 10000; row += 20)
    numbers_[row] = 1 + (number_of(row) + 4999) % 10000;
}

std::string ModelStack::read(const std::vector<std::string>& ids) const {
  std::string rows;
  for (const std::string& id : ids) rows += fmt::format("{} {}\n", id, number_of(parse_int(id).value_or(0)));
  return rows;
}

// Status, media type and body; what the contract says, written down a second time.
Content ModelStack::content(const SeenRequest& request) {
  if (request.path == "/health") return {200, "text/plain", "ok"};
  if (database_is_away && is_of_database(request.path)) return {503, kJson, R"({"error":"Service unavailable"})"};
  if (request.path == "/ready") return {200, "text/plain", "ok"};
  if (request.path == "/plaintext") return {200, "text/plain; charset=utf-8", "Hello, World!"};
  if (request.path == "/json") {
    if (!request.query.contains("name")) return {200, kJson, R"({"message": "Hello, World!"})"};
    const std::string& name = request.query.at("name");
    if (!is_name(name)) return kBadRequest;
    return {200, kJson, fmt::format(R"({{"message": "Hello, {}!"}})", name)};
  }
  if (request.path.starts_with("/items/")) {
    const auto m = within(query(request, "m"), 1, 9);
    const auto count = clamped(request.path.substr(7), 1, 50);
    return m && count ? Content{200, kJson, items_json(*count, *m)} : kBadRequest;
  }
  if (request.path.starts_with("/users/")) return user(request.path.substr(7), names_);
  if (request.path == "/db") return {200, kJson, row(next_id())};
  if (request.path == "/queries" || request.path == "/updates") {
    std::vector<std::string> rows;
    const auto count = clamped(query(request, "n"), 1, 500).value_or(1);
    for (std::int64_t i = 0; i < count; ++i) {
      const std::int64_t id = next_id();
      if (request.path == "/updates") numbers_[id] = 1 + number_of(id) % 10000;
      rows.push_back(row(id));
    }
    return {200, kJson, fmt::format("[{}]", fmt::join(rows, ","))};
  }
  if (request.path == "/fortunes")
    return {200, "text/html; charset=utf-8", page(query(request, "set") == "200", messages_)};
  if (request.path == "/sse" && request.method == "POST") return {202, "text/plain", ""};
  if (request.path == "/sse") return {200, "text/event-stream", ": ok\n\n"};
  if (request.path == "/ws") return {101, "", ""};
  if (request.path == "/cpu") return cpu(request);
  if (request.path == "/validate") return validate(request.body);
  if (request.path == "/predict") return predict(request.body);
  if (request.path == "/upload") return {200, kJson, fmt::format(R"({{"bytes":{}}})", request.body.size())};
  return {404, "text/plain", "no such page"};
}

std::int64_t ModelStack::next_id() { return last_id_ = 1 + (last_id_ + 6006) % 10000; }

std::int64_t ModelStack::number_of(std::int64_t id) const {
  return numbers_.contains(id) ? numbers_.at(id) : seeded_number(id);
}

std::string ModelStack::row(std::int64_t id) const {
  return fmt::format(R"({{"id":{},"randomNumber":{}}})", id, number_of(id));
}

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

ports::Answer ModelStack::answer(const SeenRequest& request) {
  const bool takes_post = request.path == "/updates" || request.path == "/validate" || request.path == "/upload" ||
                          request.path == "/predict" || (request.path == "/sse" && request.method == "POST");
  auto [status, type, body] = content(request);
  if ((request.method == "POST") != takes_post && status != 404) std::tie(status, body) = std::pair(405, "");
  ports::Answer answer;
  answer.status = status;
  answer.headers = {{"content-type", type}, {"date", http_date(now_)}};
  set_body(answer, body);
  if (status == 101) {
    set_header(answer, "upgrade", "websocket");
    set_header(answer, "sec-websocket-accept", "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
  }
  if (request.method == "HEAD") answer.body.clear();
  if (request.version == "1.0" ||
      (request.headers.contains("Connection") && request.headers.at("Connection") == "close")) {
    set_header(answer, "connection", "close");
  }
  return answer;
}

ports::ExchangeOutcome ModelStack::perform(const ports::Exchange& exchange) {
  std::string bytes;
  for (const std::string& piece : exchange.pieces) bytes += piece;
  ports::ExchangeOutcome outcome;
  if (exchange.answers == 0) bytes.clear();  // nobody waits for one
  if (exchange.is_stream) bytes = exchange.pieces.front();
  while (!bytes.empty() && !outcome.closed_by_server) {
    const SeenRequest request = take_request(bytes);
    ports::Answer made = answer(request);
    outcome.closed_by_server = std::any_of(made.headers.begin(), made.headers.end(),
                                           [](const auto& header) { return header.first == "connection"; });
    if (exchange.is_stream) {
      remove_header(made, "content-length");
      if (request.path == "/ws") made.body = echo_of(exchange.pieces, exchange.stream_goodbye);
      if (request.path == "/ws" && spoil_stream) spoil_stream(made);
    }
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
  // A subscriber has what was published while its stream was open: by the exchanges of its group, which come after it.
  for (std::size_t i = 0; i < check.steps.size(); ++i) {
    if (!check.steps[i].exchange.is_stream || outcomes[i].answers.empty()) continue;
    ports::Answer& stream = outcomes[i].answers.front();
    const std::string& subscription = check.steps[i].exchange.pieces.front();
    if (!subscription.starts_with("GET /sse")) continue;
    const std::string topic = subscription.substr(4, subscription.find(' ', 4) - 4);
    int number = 0;
    for (std::size_t k = i + 1; k < check.steps.size(); ++k) {
      for (const std::string& piece : check.steps[k].exchange.pieces) {
        if (!piece.starts_with("POST " + topic + " ")) continue;
        stream.body += fmt::format("id: {}\ndata: {}\n\n", ++number, piece.substr(piece.find("\r\n\r\n") + 4));
      }
    }
    if (spoil_stream) spoil_stream(stream);
  }
  return outcomes;
}

}  // namespace dyno::contract
