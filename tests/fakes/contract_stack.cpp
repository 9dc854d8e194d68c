#include "fakes/contract_stack.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <tuple>
#include <utility>

#include "base/text.h"

namespace dyno::fakes {
namespace {

std::string http_date(WallTime now) {
  static constexpr const char* kDays[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  static constexpr const char* kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                            "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const std::chrono::sys_days day = std::chrono::floor<std::chrono::days>(now);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss time(std::chrono::floor<std::chrono::seconds>(now - day));
  return fmt::format("{}, {:02} {} {} {:02}:{:02}:{:02} GMT", kDays[std::chrono::weekday(day).c_encoding()],
                     static_cast<unsigned>(date.day()), kMonths[static_cast<unsigned>(date.month()) - 1],
                     static_cast<int>(date.year()), time.hours().count(), time.minutes().count(),
                     time.seconds().count());
}

bool is_name(std::string_view name) {
  const auto fits = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0; };
  return !name.empty() && name.size() <= 32 && std::all_of(name.begin(), name.end(), fits);
}

// users: status and body for what stands behind the slash.
std::pair<int, std::string> user_of(std::string_view text) {
  const auto id = parse_int(text);
  if (!id || *id < 1 || *id > 2147483647) return {400, R"({"error":"Bad request"})"};
  if (*id > 100000) return {404, R"({"error":"Not found"})"};
  return {200, fmt::format(R"({{"id":{},"name":"User {}","email":"user{}@example.com"}})", *id, *id, *id)};
}

ports::Answer right_answer(std::string_view method, const std::string& target, WallTime now) {
  ports::Answer answer;
  std::string type = "text/plain";
  answer.status = 200;
  const std::string path = target.substr(0, target.find('?'));
  const bool is_user = path.starts_with("/users/");
  const bool known = is_user || path == "/health" || path == "/ready" || path == "/plaintext" || path == "/json";
  if (!known) {
    answer.status = 404;
    answer.body = "no such path";
  } else if (method == "POST") {
    answer.status = 405;
  } else if (is_user) {
    type = "application/json";
    std::tie(answer.status, answer.body) = user_of(std::string_view(path).substr(7));
  } else if (path == "/plaintext") {
    answer.body = "Hello, World!";
  } else if (path == "/json") {
    type = "application/json";
    const std::size_t query = target.find("?name=");
    const std::string name = query == std::string::npos ? "World" : target.substr(query + 6);
    answer.status = is_name(name) ? 200 : 400;
    answer.body = is_name(name) ? fmt::format(R"({{"message":"Hello, {}!"}})", name) : R"({"error":"Bad request"})";
  } else {
    answer.body = "ok";
  }
  answer.headers = {
      {"Content-Type", type}, {"Content-Length", fmt::format("{}", answer.body.size())}, {"Date", http_date(now)}};
  if (method == "HEAD") answer.body.clear();
  return answer;
}

// Behind the request that begins at `at`: its head, and as much body as that names.
std::size_t end_of_request(std::string_view bytes, std::size_t at) {
  constexpr std::string_view kLength = "\r\nContent-Length: ";
  const std::size_t head_end = bytes.find("\r\n\r\n", at);
  if (head_end == std::string_view::npos) return bytes.size();
  const std::string_view head = bytes.substr(at, head_end - at);
  const std::size_t named = head.find(kLength);
  std::int64_t length = 0;
  if (named != std::string_view::npos) {
    const std::string_view value = head.substr(named + kLength.size());
    length = parse_int(value.substr(0, value.find('\r'))).value_or(0);
  }
  return head_end + 4 + static_cast<std::size_t>(length);
}

}  // namespace

ports::ExchangeOutcome answer_rightly(const ports::Exchange& exchange, WallTime now, const Spoil& spoil) {
  std::string bytes;
  for (const auto& piece : exchange.pieces) bytes += piece;
  ports::ExchangeOutcome outcome;
  outcome.closed_by_server = exchange.await_close;
  if (exchange.answers == 0) return outcome;  // nobody waits for one
  for (std::size_t at = 0; at < bytes.size(); at = end_of_request(bytes, at)) {
    const auto words = split(std::string_view(bytes).substr(at, bytes.find("\r\n", at) - at), ' ');
    ports::Answer answer = right_answer(words[0], std::string(words[1]), now);
    if (spoil) spoil(std::string(words[1]), answer);
    outcome.answers.push_back(std::move(answer));
  }
  return outcome;
}

}  // namespace dyno::fakes
