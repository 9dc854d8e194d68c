#include "runners/load/request_file.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "base/text.h"
#include "runners/load/options.h"
#include "runners/load/request_expect.h"
#include "runners/load/request_set.h"
#include "runners/load/url.h"
#include "runners/load/values.h"

namespace dyno::loadgen {
namespace {

using Kind = FileValue::Kind;
using Problems = std::vector<std::string>;

constexpr std::array<std::string_view, 12> kKeys{"method",    "path",   "headers", "body",   "body_file", "body_bytes",
                                                 "fill_body", "weight", "status",  "accept", "expect",    "take"};
constexpr takes::Number kWeights{0, 1e9};
constexpr std::size_t kMostRequests = 10'000;
constexpr std::size_t kShown = 60;

class RequestReader {
 public:
  RequestReader(const std::string& file, ReadBody read_body, Problems& problems)
      : file_(file), read_(read_body), problems_(problems) {}

  RequestSpec read(const FileValue& value, const RequestSpec& base) {
    RequestSpec request = base;
    if (value.kind != Kind::map) {
      problem(value.line, "a request is a map of method, path, headers, body, weight and status");
      return request;
    }
    for (auto one = value.entries.begin(); one != value.entries.end(); ++one) {
      const auto is_same = [&](const auto& other) { return other.first == one->first; };
      if (std::any_of(value.entries.begin(), one, is_same)) problem(one->second.line, one->first + " is there twice");
      else take(one->first, one->second, request);
    }
    const std::array<std::string_view, 3> bodies{"body", "body_file", "body_bytes"};
    const auto given = std::count_if(value.entries.begin(), value.entries.end(), [&](const auto& one) {
      return std::find(bodies.begin(), bodies.end(), one.first) != bodies.end();
    });
    if (given > 1) problem(value.line, "body, body_file and body_bytes exclude each other");
    return request;
  }

  void problem(int line, std::string_view what) { problems_.push_back(fmt::format("{}:{}: {}", file_, line, what)); }

 private:
  void take(const std::string& key, const FileValue& value, RequestSpec& request) {
    if (key == "headers") return take_headers(value, request.headers);
    if (key == "accept") return take_accepted(value, request.accepted_bodies);
    const TellProblem tell = [this](int line, std::string_view what) { problem(line, what); };
    if (key == "expect") return read_expect(value, request, tell);
    if (key == "take") return read_takes(value, request, tell);
    if (key == "method") request.method = text(key, value, option(Opt::method).takes);
    else if (key == "path") take_path(value, request);
    else if (key == "body") take_body(value, request);
    else if (key == "body_file") take_body_file(value, request);
    else if (key == "body_bytes")
      request.body_bytes = read_size(text(key, value, option(Opt::body_bytes).takes)).value_or(0);
    else if (key == "fill_body") take_flag(key, value, request.fills_body);
    else if (key == "weight") request.weight = read_number(text(key, value, kWeights)).value_or(1);
    else if (key == "status")
      request.expected_status =
          static_cast<int>(read_integer(text(key, value, option(Opt::status).takes)).value_or(200));
    else problem(value.line, fmt::format("unknown key {}{}", visible(key, kShown), did_you_mean(key, kKeys)));
  }

  // The text of a value that is what it must be; else empty, and a problem.
  std::string text(std::string_view key, const FileValue& value, const Takes& takes) {
    if (value.kind == Kind::text && !wanted_instead(takes, value.text)) return value.text;
    const std::string is = value.kind == Kind::text ? fmt::format("\"{}\"", visible(value.text, kShown)) : "no text";
    problem(value.line, fmt::format("{} is {}; it must be {}", key, is, wanted(takes)));
    return {};
  }

  void take_path(const FileValue& value, RequestSpec& request) {
    const std::string path = text("path", value, takes::File());
    if (path.empty()) return;
    if (!path.starts_with('/'))
      return problem(value.line, fmt::format("path is \"{}\"; it must begin with /", visible(path, kShown)));
    request.target = encoded_target(path.substr(0, path.find('#')));
  }

  void take_body(const FileValue& value, RequestSpec& request) {
    // In JSON the body of a request is often JSON itself.
    if (value.kind == Kind::text || !value.text.empty()) request.body = value.text;
    else if (value.kind != Kind::nothing) problem(value.line, "body is no text; in YAML write it as a block, body: |");
  }

  void take_body_file(const FileValue& value, RequestSpec& request) {
    std::string path = text("body_file", value, takes::File());
    if (path.empty()) return;
    // As seen from the file that names it.
    if (const std::size_t slash = file_.rfind('/'); slash != std::string::npos && !path.starts_with('/'))
      path.insert(0, file_, 0, slash + 1);
    auto bytes = read_(path);
    if (bytes) request.body = std::move(*bytes);
    else problem(value.line, "body_file: " + bytes.error().message);
  }

  void take_flag(std::string_view key, const FileValue& value, bool& flag) {
    if (value.kind == Kind::text && (value.text == "true" || value.text == "false")) flag = value.text == "true";
    else problem(value.line, fmt::format("{} must be true or false", key));
  }

  void take_headers(const FileValue& value, Headers& headers) {
    if (value.kind != Kind::map) return problem(value.line, "headers is no map of names and values");
    Headers own;
    for (const auto& [name, one] : value.entries) {
      const auto add = [&, &header = name](const FileValue& text) {
        if (text.kind == Kind::text && !wanted_instead(takes::Header(), header + ":" + text.text))
          own.emplace_back(header, text.text);
        else problem(text.line, fmt::format("headers: {} is no name with a text", visible(header, kShown)));
      };
      if (one.kind != Kind::list) add(one);
      for (const auto& [unnamed, item] : one.entries) add(item);
    }
    std::erase_if(headers, [&](const auto& header) { return has_header(own, header.first); });
    headers.insert(headers.end(), own.begin(), own.end());
  }

  void take_accepted(const FileValue& value, std::vector<std::string>& accepted) {
    if (value.kind == Kind::text) return accepted.push_back(value.text);
    if (value.kind != Kind::list) return problem(value.line, "accept is no body and no list of bodies");
    for (const auto& [unnamed, item] : value.entries) accepted.push_back(item.text);
  }

  const std::string& file_;
  ReadBody read_;
  Problems& problems_;
};

bool is_yaml(std::string_view text, std::string_view file) {
  return file.ends_with(".yaml") || file.ends_with(".yml") || !trim(text).starts_with('{');
}

// Whether it is the one map of a session; then `values` become its steps.
bool take_session(std::vector<FileValue>& values) {
  if (values.size() != 1 || values.front().kind != Kind::map || values.front().entries.size() != 1) return false;
  const auto& [key, list] = values.front().entries.front();
  if (key != "session" || list.kind != Kind::list) return false;
  std::vector<FileValue> steps;
  steps.reserve(list.entries.size());
  for (const auto& [unnamed, one] : list.entries) steps.push_back(one);
  values = std::move(steps);
  return true;
}

}  // namespace

tl::expected<FileRequests, Problems> read_requests(std::string_view text, const std::string& file,
                                                   const RequestSpec& base, ReadBody read) {
  Problems problems;
  RequestReader reader(file, read, problems);
  FileValues values = is_yaml(text, file) ? read_yaml_list(text) : read_json_lines(text);
  FileRequests made;
  made.is_session = values && take_session(*values);
  if (!values) reader.problem(values.error().line, values.error().message);
  else if (values->empty()) reader.problem(1, "no request");
  else if (values->size() > kMostRequests) reader.problem(1, fmt::format("more than {} requests", kMostRequests));
  if (!problems.empty()) return tl::unexpected(std::move(problems));
  made.requests.reserve(values->size());
  for (const FileValue& value : *values) made.requests.push_back(reader.read(value, base));
  if (!problems.empty()) return tl::unexpected(std::move(problems));
  return made;
}

}  // namespace dyno::loadgen
