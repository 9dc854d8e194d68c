// Workloads of somebody's own: under `workloads` of a stack of contract own, and in files of their own (schema workload/1).
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <filesystem>
#include <iterator>
#include <map>
#include <set>

#include "base/csv.h"
#include "base/encoding.h"
#include "base/pattern.h"
#include "base/text.h"
#include "contract/drawn_text.h"
#include "stackfile/files.h"
#include "stackfile/parts.h"
#include "stackfile/read_yaml.h"
#include "stackfile/shape.h"
#include "stackfile/tree.h"

namespace dyno::stackfile {
namespace {

using model::names_of;

constexpr std::array<std::string_view, 1> kWorkloadSchema{"workload/1"};
constexpr std::int64_t kMostBodyBytes = 256 * 1024;
constexpr std::int64_t kMostRequests = 50;
constexpr std::size_t kMostFilesBytes = 4 * 1024 * 1024;  // of all files that the workloads of a stack name
// What dyno-load makes of one request: 31 parts, of which HTTP/2 needs one more for each header with something drawn.
constexpr std::size_t kMostDrawnParts = 15;
constexpr std::size_t kMostHttp2Headers = 24;
constexpr std::size_t kMostHttp2DrawnHeaders = 8;
constexpr double kMostNumber = 1e15;

constexpr Shape kPatternText = text(kOneLine, static_cast<std::int64_t>(Pattern::kMostBytes));
constexpr Shape kPart = text_like_number(kAnyText, 4000);
constexpr Shape kStatusWord = text_like_number(kStatus, 3);

constexpr std::array kHeaderRuleKeys{optional("matches", kPatternText, "a regular expression, found in the value")};
constexpr Table kHeaderRuleTable{kHeaderRuleKeys};
constexpr Shape kHeaderRule = text_or_map(kOneLine, 0, 4000, kHeaderRuleTable);

constexpr std::array kJsonRuleKeys{
    optional("equals", anything(), "this value; numbers compare by value"),
    optional("type", choice(names_of<model::JsonType>()), "its type; an integer is a number, too"),
    optional("min", text_like_number(kNumber, 40), "of a number"),
    optional("max", text_like_number(kNumber, 40), "of a number"),
    optional("length", text_like_number(kCounts, 40),
             "characters of a string, entries of an array or object: 3, 1..50, 1.. or ..50"),
    optional("matches", kPatternText, "a regular expression, found in a string"),
    optional("present", boolean(), "false: it must not be there; true: it is there, whatever it is"),
};
constexpr Table kJsonRuleTable{kJsonRuleKeys};
constexpr Shape kJsonRule = text_or_map(kAnyText, 0, 4000, kJsonRuleTable);

constexpr std::array kExpectKeys{
    optional("status", one_or_list(kStatusWord, 20), "a status or a class, or a list of them [2xx]"),
    optional("content_type", text(kMediaType, 200), "without parameters, such as application/json"),
    optional("headers", dictionary(kHeaderName, kHeaderRule, 30),
             "by name: the value exactly, or {matches: …}; {}: there"),
    optional("body", argument(kAnyText, kMostBodyBytes), "the body exactly"),
    optional("contains", one_or_list(kPart, 20), "texts that the body has in it"),
    optional("matches", kPatternText, "a regular expression, found in the body"),
    optional("json", dictionary(kJsonPointer, kJsonRule, 100),
             "by JSON pointer: the value, or {equals, type, min, max, length, matches, present}"),
    optional("size", text_like_number(kCounts, 40), "bytes of the body: 120, 1..5000, 1.. or ..5000"),
};
constexpr Table kExpectTable{kExpectKeys};

constexpr std::array kTakeKeys{
    optional("header", text(kHeaderName, 100), "the value of this header"),
    optional("matches", kPatternText, "what the one group of this regular expression found in the body"),
};
constexpr Table kTakeTable{kTakeKeys};
constexpr Shape kTake = text_or_map(kJsonPointer, 0, 500, kTakeTable);

constexpr std::array kBodyKeys{
    optional("json", anything(), "a value, sent as JSON with its Content-Type"),
    optional("file", text(kInnerPath, 200), "the bytes of this file of the folder"),
    optional("bytes", bytes(Bytes{1}, mib(16)), "generated, of this length"),
};
constexpr Table kBodyTable{kBodyKeys};
constexpr Shape kHeaderValue = argument(kOneLine, 4000);

constexpr std::array kRequestKeys{
    optional("name", text(kOneLine, 60), "for messages [method and path]"),
    optional("method", text(kMethod, 20), "[GET, or POST where there is a body]"),
    required("path", text(kTarget, 2000), "with {1..500}, {uuid}, {seq}, or {name} of a column or a taken value"),
    optional("headers", dictionary(kHeaderName, kHeaderValue, 50), "sent with it; {…} as in path"),
    optional("body", text_or_map(kAnyText, 0, kMostBodyBytes, kBodyTable),
             "a text, or {json}, {file} or {bytes}; {…} as in path"),
    optional("weight", integer(1, 1'000'000), "of a mix: how often it is sent, next to the others [1]"),
    optional("take", dictionary(kIdentifier, kTake, 20),
             "of a session's step: names for later steps, each a JSON pointer, {header: …} or {matches: …}"),
    optional("expect", map_of(kExpectTable), "what a good answer is [any 2xx]"),
};
constexpr Table kRequestTable{kRequestKeys};
constexpr Shape kRequest = map_of(kRequestTable);

// A workload of one request says it itself.
constexpr std::array kWorkloadKeys{
    optional("protocol", choice(names_of<model::OwnProtocol>()),
             "http, http2, ws (the body is a message, answered by one) or sse (events are read to their end) [http]"),
    optional("table", text(kInnerPath, 200), "a CSV file of the folder; each request or session draws a row"),
    optional("mix", list_of(kRequest, 1, kMostRequests), "requests that are drawn by their weights"),
    optional("session", list_of(kRequest, 1, kMostRequests), "steps in order, again and again on each connection"),
    optional("method", text(kMethod, 20), "of the one request: [GET, or POST where there is a body]"),
    optional("path", text(kTarget, 2000), "of the one request"),
    optional("headers", dictionary(kHeaderName, kHeaderValue, 50), "of the one request"),
    optional("body", text_or_map(kAnyText, 0, kMostBodyBytes, kBodyTable), "of the one request"),
    optional("expect", map_of(kExpectTable), "of the one request"),
};
constexpr Table kWorkloadTable{kWorkloadKeys};

}  // namespace

constinit const Shape kOwnWorkload = map_of(kWorkloadTable);

namespace {

constexpr std::array kWorkloadFileKeys{
    required("schema", choice(kWorkloadSchema), "format of this file; first key"),
    required("workloads", dictionary(kName, kOwnWorkload, kMostOwnWorkloads), "by name"),
};
constexpr Table kWorkloadFileTable{kWorkloadFileKeys};

}  // namespace

constinit const Shape kWorkloadFileShape = map_of(kWorkloadFileTable);

namespace {

using contract::DrawnKind;
using contract::DrawnPart;
using model::OwnRequest;
using model::OwnWorkload;

// ---- values ----

// A value of YAML as JSON: what is plain and reads as a number or a word of JSON is one.
std::string json_of(const Node& node) {
  switch (node.kind) {
    case NodeKind::nothing:
    case NodeKind::refused: return "null";
    case NodeKind::scalar: {
      const bool is_word = node.text == "true" || node.text == "false";
      const bool is_plain = !node.quoted && (is_word || (!node.text.empty() && kNumber.matches(node.text)));
      return is_plain ? node.text : json_text(node.text);
    }
    case NodeKind::list:
    case NodeKind::map: break;
  }
  const bool is_map = node.kind == NodeKind::map;
  std::string out(is_map ? "{" : "[");
  for (std::size_t i = 0; i < node.items.size(); ++i) {
    if (i > 0) out += ',';
    if (is_map) out += json_text(node.keys[i].text) + ':';
    out += json_of(node.items[i]);
  }
  return out + (is_map ? '}' : ']');
}

struct Counts {
  std::optional<std::int64_t> least{}, most{};
};

// Of a text that obeys kCounts; a bound that no body reaches is none.
Counts counts_from(std::string_view text) {
  const std::size_t dots = text.find("..");
  if (dots == std::string_view::npos) return {parse_int(text), parse_int(text)};
  return {parse_int(text.substr(0, dots)), parse_int(text.substr(dots + 2))};
}

model::StatusRange status_from(std::string_view text) {
  if (text.ends_with("xx")) return {(text[0] - '0') * 100, (text[0] - '0') * 100 + 99};
  const int status = static_cast<int>(parse_int(text).value_or(200));
  return {status, status};
}

// One text or a list of them.
std::vector<std::string> texts_or_one(const Node& map, std::string_view key) {
  if (const Node* const one = find(map, key, NodeKind::scalar)) return {one->text};
  return texts_at(map, key);
}

std::optional<double> number_from(const Node& map, std::string_view key) {
  const std::string text = text_at(map, key);
  double value = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
  if (read.ec == std::errc::result_out_of_range) return 2 * kMostNumber;
  return read.ec == std::errc() ? std::optional(value) : std::nullopt;
}

// ---- one workload ----

// What the requests of a workload may name, while they are read in their order.
struct Names {
  bool has_table = false;
  bool is_table_known = false;  // its file was read
  CsvTable table{};
  std::map<std::string, std::size_t> taken{};  // by all steps: name → step
  std::vector<std::string> steps{};            // how they are called
};

class WorkloadReader {
 public:
  WorkloadReader(const InnerFiles& files, ProblemList& problems, std::size_t& bytes_left)
      : files_(files), problems_(problems), bytes_left_(bytes_left) {}

  OwnWorkload read(const std::string& name, const Node& node, const std::string& pointer, const std::string& file) {
    OwnWorkload workload;
    workload.name = name;
    workload.file = file;
    workload.protocol = choice_at(node, "protocol", workload.protocol);
    if (!check_kind(node, pointer)) return workload;
    const Node* const session = find(node, "session", NodeKind::list);
    const Node* const mix = find(node, "mix", NodeKind::list);
    if (session != nullptr) workload.kind = model::OwnWorkloadKind::session;
    Names names = read_table(node, pointer, workload);
    const Node* const list = session != nullptr ? session : mix;
    const std::string at = list == nullptr ? pointer : child(pointer, session != nullptr ? "session" : "mix");
    if (list == nullptr) {
      workload.requests.push_back(read_request(node, pointer, file));
      check_names(workload.requests[0], 0, node, pointer, names);
      if (workload.protocol == model::OwnProtocol::http2) check_http2_headers(workload.requests[0], node, pointer);
    } else {
      for (std::size_t i = 0; i < list->items.size() && !problems_.is_full(); ++i) {
        workload.requests.push_back(read_request(list->items[i], child(at, i), file));
        check_place(list->items[i], child(at, i), session != nullptr);
        note_takes(workload.requests.back(), i, list->items[i], child(at, i), names);
      }
      for (std::size_t i = 0; i < workload.requests.size() && !problems_.is_full(); ++i) {
        check_names(workload.requests[i], i, list->items[i], child(at, i), names);
        if (workload.protocol == model::OwnProtocol::http2)
          check_http2_headers(workload.requests[i], list->items[i], child(at, i));
      }
    }
    check_protocol(node, pointer, workload);
    return workload;
  }

 private:
  // A request, a mix or a session, and one of them only.
  bool check_kind(const Node& node, const std::string& pointer) {
    const Node* const mix = find(node, "mix");
    const Node* const session = find(node, "session");
    if (mix == nullptr && session == nullptr && find(node, "path") == nullptr) {
      if (!problems_.has_below(pointer))
        problems_.add(node.mark, child(pointer, "path"), "missing_key",
                      "the workload needs a path, or several requests under mix or session");
      return false;
    }
    if (mix != nullptr && session != nullptr) {
      problems_.add(session->mark, child(pointer, "session"), "both", "a workload has a mix or a session, not both");
      return false;
    }
    if (mix == nullptr && session == nullptr) return true;
    const std::string_view list = mix != nullptr ? "mix" : "session";
    for (const std::string_view key : {"method", "path", "headers", "body", "expect"}) {
      const Node* const value = find(node, key);
      if (value == nullptr) continue;
      problems_.add(value->mark, child(pointer, key), "not_here",
                    fmt::format("with {}, each of its requests has its own {}", list, key));
    }
    return true;
  }

  void check_place(const Node& node, const std::string& pointer, bool in_session) {
    if (const Node* const weight = find(node, "weight"); weight != nullptr && in_session)
      problems_.add(weight->mark, child(pointer, "weight"), "not_here",
                    "the steps of a session are sent in order, each once; weights belong to a mix");
    if (const Node* const take = find(node, "take"); take != nullptr && !in_session)
      problems_.add(take->mark, child(pointer, "take"), "not_here",
                    "the requests of a mix come in no order; values are taken by the steps of a session");
  }

  // Of a file of the folder; problems have been told where there is nothing.
  std::optional<std::string> read_file_at(const Node& node, const std::string& pointer) {
    if (!files_ || problems_.has_below(pointer)) return std::nullopt;
    auto bytes = files_(node.text);
    if (!bytes) {
      problems_.add(node.mark, pointer, "missing_file", bytes.error().message);
      return std::nullopt;
    }
    if (bytes->size() > bytes_left_) {
      problems_.add(node.mark, pointer, "too_large",
                    fmt::format("the files of all workloads have more than {} MiB", kMostFilesBytes / 1024 / 1024));
      return std::nullopt;
    }
    bytes_left_ -= bytes->size();
    if (is_valid_utf8(*bytes)) return std::move(*bytes);
    problems_.add(node.mark, pointer, "bad_text",
                  fmt::format("{} is not UTF-8; for any bytes take body: {{bytes: …}}", node.text));
    return std::nullopt;
  }

  Names read_table(const Node& node, const std::string& pointer, OwnWorkload& workload) {
    Names names;
    const Node* const table = find(node, "table", NodeKind::scalar);
    if (table == nullptr) return names;
    names.has_table = true;
    workload.table.file = table->text;
    auto csv = read_file_at(*table, child(pointer, "table"));
    if (!csv) return names;
    auto read = read_csv(*csv, table->text);
    if (!read) {
      problems_.add(table->mark, child(pointer, "table"), "bad_table", read.error().message);
      return names;
    }
    names.is_table_known = true;
    names.table = std::move(*read);
    workload.table.csv = std::move(*csv);
    return names;
  }

  OwnRequest read_request(const Node& node, const std::string& pointer, const std::string& file) {
    OwnRequest request;
    request.line = node.mark.line;
    request.target = text_at(node, "path", request.target);
    const Node& headers = map_at(node, "headers");
    for (std::size_t i = 0; i < headers.keys.size(); ++i) {
      request.headers.push_back({headers.keys[i].text, headers.items[i].text});
      for (const std::string_view ours : {"Content-Length", "Transfer-Encoding", "Connection", "Upgrade"}) {
        if (same_ignoring_case(ours, headers.keys[i].text))
          problems_.add(headers.keys[i].mark, child(child(pointer, "headers"), headers.keys[i].text), "reserved",
                        fmt::format("{} is set by the load generator", headers.keys[i].text));
      }
    }
    read_body(node, child(pointer, "body"), request);
    request.method = text_at(node, "method", find(node, "body") != nullptr ? "POST" : "GET");
    request.name = text_at(node, "name", fmt::format("{} {}", request.method, request.target));
    request.weight = static_cast<double>(integer_at(node, "weight", 1));
    const Node* const expect = find(node, "expect", NodeKind::map);
    request.expect = read_expect(expect != nullptr ? *expect : map_at(node, "expect"), child(pointer, "expect"));
    request.expect.file = file;
    request.expect.line = expect != nullptr ? expect->mark.line : node.mark.line;
    request.takes = read_takes(node, child(pointer, "take"));
    if (request.method == "HEAD") check_head(node, pointer);
    return request;
  }

  void check_head(const Node& node, const std::string& pointer) {
    const Node& expect = map_at(node, "expect");
    for (const std::string_view key : {"body", "contains", "matches", "json", "size"}) {
      if (const Node* const value = find(expect, key))
        problems_.add(value->mark, child(child(pointer, "expect"), key), "not_here", "an answer to HEAD has no body");
    }
  }

  void read_body(const Node& node, const std::string& pointer, OwnRequest& request) {
    request.body = text_at(node, "body");
    const Node* const body = find(node, "body", NodeKind::map);
    if (body == nullptr || problems_.has_below(pointer)) return;
    if (body->keys.size() != 1) {
      problems_.add(body->mark, pointer, "both", "a body is a text, or one of json, file and bytes");
      return;
    }
    request.body_bytes = bytes_at(*body, "bytes", Bytes{0}).value;
    if (const Node* const file = find(*body, "file", NodeKind::scalar)) {
      if (auto bytes = read_file_at(*file, child(pointer, "file"))) request.body = std::move(*bytes);
    }
    const Node* const json = find(*body, "json");
    if (json == nullptr) return;
    request.body = json_of(*json);
    const bool has_type =
        std::any_of(request.headers.begin(), request.headers.end(),
                    [](const model::OwnHeader& header) { return same_ignoring_case(header.name, "Content-Type"); });
    if (!has_type) request.headers.push_back({"Content-Type", "application/json"});
  }

  void check_pattern(const Node& map, std::string_view key, const std::string& pointer, bool with_group = false) {
    const Node* const node = find(map, key, NodeKind::scalar);
    if (node == nullptr || problems_.has_below(child(pointer, key))) return;
    const auto pattern = Pattern::compile(node->text);
    if (!pattern) {
      problems_.add(node->mark, child(pointer, key), "bad_pattern",
                    fmt::format("{} is no regular expression: {}", key, pattern.error().message));
    } else if (with_group && pattern->groups() != 1) {
      problems_.add(node->mark, child(pointer, key), "bad_pattern",
                    fmt::format("the pattern has {} groups; what is taken stands in one pair of parentheses, such as "
                                "id=([0-9]+)",
                                pattern->groups()));
    }
  }

  Counts read_counts(const Node& map, std::string_view key, const std::string& pointer) {
    const Node* const node = find(map, key, NodeKind::scalar);
    if (node == nullptr || problems_.has_below(child(pointer, key))) return {};
    const Counts counts = counts_from(node->text);
    if (counts.least && counts.most && *counts.least > *counts.most)
      problems_.add(node->mark, child(pointer, key), "out_of_range",
                    fmt::format("{} is {}: the range runs backwards; write {}..{}", key, node->text, *counts.most,
                                *counts.least));
    return counts;
  }

  model::AnswerRules read_expect(const Node& node, const std::string& pointer) {
    model::AnswerRules rules;
    const auto statuses = texts_or_one(node, "status");
    if (!statuses.empty()) rules.statuses.clear();
    for (const std::string& word : statuses) {
      if (kStatus.matches(word)) rules.statuses.push_back(status_from(word));
    }
    rules.content_type = text_at(node, "content_type");
    if (const Node* const body = find(node, "body", NodeKind::scalar)) rules.body = body->text;
    rules.contains = texts_or_one(node, "contains");
    rules.matches = text_at(node, "matches");
    check_pattern(node, "matches", pointer);
    const Counts size = read_counts(node, "size", pointer);
    rules.bytes_least = size.least;
    rules.bytes_most = size.most;
    const Node& headers = map_at(node, "headers");
    for (std::size_t i = 0; i < headers.keys.size(); ++i) {
      const Node& value = headers.items[i];
      const std::string at = child(child(pointer, "headers"), headers.keys[i].text);
      rules.headers.push_back({headers.keys[i].text, value.kind == NodeKind::scalar ? value.text : "",
                               text_at(value, "matches"), headers.keys[i].mark.line});
      check_pattern(value, "matches", at);
    }
    const Node& json = map_at(node, "json");
    for (std::size_t i = 0; i < json.keys.size() && !problems_.is_full(); ++i)
      rules.json.push_back(
          read_json_rule(json.keys[i], json.items[i], child(child(pointer, "json"), json.keys[i].text)));
    return rules;
  }

  model::JsonRule read_json_rule(const NodeKey& key, const Node& node, const std::string& pointer) {
    model::JsonRule rule;
    rule.pointer = key.text;
    rule.line = key.mark.line;
    if (node.kind == NodeKind::scalar) {
      rule.equals = json_of(node);
      return rule;
    }
    rule.present = boolean_at(node, "present", true);
    rule.type = model::parse_enum<model::JsonType>(text_at(node, "type"));
    if (const Node* const equals = find(node, "equals")) rule.equals = json_of(*equals);
    rule.matches = text_at(node, "matches");
    check_pattern(node, "matches", pointer);
    if (problems_.has_below(pointer)) return rule;
    rule.least = number_from(node, "min");
    rule.most = number_from(node, "max");
    const Counts length = read_counts(node, "length", pointer);
    rule.length_least = length.least;
    rule.length_most = length.most;
    check_json_rule(node, pointer, rule);
    return rule;
  }

  void check_json_rule(const Node& node, const std::string& pointer, const model::JsonRule& rule) {
    if (rule.least && rule.most && *rule.least > *rule.most)
      problems_.add(find(node, "max")->mark, child(pointer, "max"), "out_of_range",
                    fmt::format("the range runs backwards: max {:g} is below min {:g}", *rule.most, *rule.least));
    for (const std::string_view key : {"min", "max"}) {
      const auto value = key == "min" ? rule.least : rule.most;
      if (value && std::abs(*value) > kMostNumber)
        problems_.add(find(node, key)->mark, child(pointer, key), "out_of_range",
                      fmt::format("{} must be between {:g} and {:g}", key, -kMostNumber, kMostNumber));
    }
    if (!rule.present && node.keys.size() > 1)
      problems_.add(find(node, "present")->mark, child(pointer, "present"), "both",
                    "what must not be there has no other rule");
    using Type = model::JsonType;
    const bool is_number = !rule.type || *rule.type == Type::number || *rule.type == Type::integer;
    const bool has_length =
        !rule.type || *rule.type == Type::string || *rule.type == Type::array || *rule.type == Type::object;
    const bool is_string = !rule.type || *rule.type == Type::string;
    const auto refuse = [&](std::string_view key, bool fits) {
      const Node* const value = find(node, key);
      if (value != nullptr && !fits)
        problems_.add(value->mark, child(pointer, key), "not_here",
                      fmt::format("a value of type {} has no {}", to_string(*rule.type), key));
    };
    refuse("min", is_number);
    refuse("max", is_number);
    refuse("length", has_length);
    refuse("matches", is_string);
  }

  std::vector<model::Capture> read_takes(const Node& node, const std::string& pointer) {
    std::vector<model::Capture> takes;
    const Node& map = map_at(node, "take");
    for (std::size_t i = 0; i < map.keys.size() && !problems_.is_full(); ++i) {
      const Node& from = map.items[i];
      const std::string at = child(pointer, map.keys[i].text);
      model::Capture capture{map.keys[i].text, model::CaptureFrom::json, from.text, map.keys[i].mark.line};
      if (from.kind == NodeKind::map) {
        if (from.keys.size() != 1 && !problems_.has_below(at))
          problems_.add(from.mark, at, "both", "a value is taken from a JSON pointer, a header or a pattern: name one");
        const bool by_header = find(from, "header") != nullptr;
        capture.from = by_header ? model::CaptureFrom::header : model::CaptureFrom::pattern;
        capture.where = text_at(from, by_header ? "header" : "matches");
        check_pattern(from, "matches", at, true);
      }
      takes.push_back(std::move(capture));
    }
    return takes;
  }

  // ---- names in braces ----

  void note_takes(const OwnRequest& request, std::size_t step, const Node& node, const std::string& pointer,
                  Names& names) {
    names.steps.push_back(request.name);
    const Node& takes = map_at(node, "take");
    for (const NodeKey& key : takes.keys) {
      const std::string at = child(child(pointer, "take"), key.text);
      if (key.text == "uuid" || key.text == "seq") {
        problems_.add(key.mark, at, "reserved", fmt::format("{{{}}} is drawn; take another name", key.text));
      } else if (names.is_table_known && names.table.column(key.text)) {
        problems_.add(key.mark, at, "repeated", fmt::format("{} is a column of the table already", key.text));
      } else if (!names.taken.emplace(key.text, step).second) {
        problems_.add(key.mark, at, "repeated", fmt::format("{} is taken twice", key.text));
      }
    }
  }

  void check_names(const OwnRequest& request, std::size_t step, const Node& node, const std::string& pointer,
                   const Names& names) {
    std::size_t drawn = 0;
    if (const Node* const path = find(node, "path"))
      drawn += check_text(path->text, Place{path->mark, child(pointer, "path"), true, true}, step, names);
    const Node& headers = map_at(node, "headers");
    for (std::size_t i = 0; i < headers.keys.size(); ++i)
      drawn +=
          check_text(headers.items[i].text,
                     Place{headers.items[i].mark, child(child(pointer, "headers"), headers.keys[i].text), true, false},
                     step, names);
    if (const Node* const body = find(node, "body"))
      drawn += check_text(request.body, Place{body->mark, child(pointer, "body"), false, false}, step, names);
    if (drawn > kMostDrawnParts)
      problems_.add(node.mark, pointer, "too_many",
                    fmt::format("the request has {} drawn parts; at most {} are allowed", drawn, kMostDrawnParts));
  }

  struct Place {
    Mark mark;
    std::string pointer;
    bool is_strict = true;  // every brace means something drawn
    bool in_path = false;
  };

  // How many parts of it are drawn.
  std::size_t check_text(const std::string& text, const Place& place, std::size_t step, const Names& names) {
    const auto parts = contract::drawn_parts(text);
    std::size_t drawn = 0;
    for (const DrawnPart& part : parts) {
      if (problems_.is_full()) break;
      if (part.kind == DrawnKind::backward) {
        problems_.add(place.mark, place.pointer, "out_of_range",
                      fmt::format("{} runs backwards; write {{{}..{}}}", part.text, part.high, part.low));
      } else if (part.kind == DrawnKind::stray && place.is_strict) {
        problems_.add(place.mark, place.pointer, "bad_placeholder",
                      fmt::format("{} is nothing that is drawn; known are {{1..500}}, {{uuid}}, {{seq}} and {{name}}",
                                  visible(part.text, 60)));
      } else if (part.kind == DrawnKind::name) {
        drawn += check_name(part.text, place, step, names) ? 1 : 0;
      } else if (part.kind != DrawnKind::text && part.kind != DrawnKind::stray) {
        ++drawn;
      }
    }
    return drawn;
  }

  // Whether it stands for something.
  bool check_name(const std::string& name, const Place& place, std::size_t step, const Names& names) {
    if (const auto taken = names.taken.find(name); taken != names.taken.end()) {
      if (taken->second < step) return true;
      problems_.add(
          place.mark, place.pointer, "unknown_reference",
          taken->second == step
              ? fmt::format("{{{}}} is taken from the answer to this very step", name)
              : fmt::format("{{{}}} is taken by step {} ({}), which is sent later; move that step before this one",
                            name, taken->second + 1, visible(names.steps[taken->second], 60)));
      return true;
    }
    if (names.has_table && !names.is_table_known)
      return true;  // that it cannot be read was said, or it was not looked at
    if (const auto column = names.table.column(name)) {
      check_values(*column, place, names.table);
      return true;
    }
    std::vector<std::string_view> known;
    for (const auto& [taken, at] : names.taken) known.push_back(taken);
    for (const std::string& column : names.table.names) known.push_back(column);
    const auto nearest = nearest_word(name, known);
    // In a body other braces may stand, but not what looks like a slip of the pen.
    if (!place.is_strict && !nearest) return false;
    problems_.add(
        place.mark, place.pointer, "unknown_reference",
        fmt::format("{{{}}} stands for nothing: no earlier step takes it and no column of a table is called so{}",
                    visible(name, 60), nearest ? fmt::format("; did you mean {{{}}}?", *nearest) : ""));
    return false;
  }

  // What a path or a header cannot hold.
  void check_values(std::size_t column, const Place& place, const CsvTable& table) {
    if (!place.is_strict) return;
    for (std::size_t row = 0; row < table.rows.size(); ++row) {
      const std::string& value = table.rows[row][column];
      const bool fits = std::none_of(value.begin(), value.end(), [&](char c) {
        const auto byte = static_cast<unsigned char>(c);
        return byte < ' ' || byte == 0x7F || (place.in_path && byte == ' ');
      });
      if (fits && !(place.in_path && value.empty())) continue;
      problems_.add(place.mark, place.pointer, "bad_value",
                    fmt::format("row {} of the table has \"{}\" for {{{}}}, which cannot stand {}", row + 1,
                                visible(value, 40), table.names[column],
                                place.in_path ? "in a path; encode it, such as %20 for a blank" : "in a header"));
      return;
    }
  }

  // What dyno-load has room for.
  void check_http2_headers(const OwnRequest& request, const Node& node, const std::string& pointer) {
    const auto drawn = static_cast<std::size_t>(std::count_if(
        request.headers.begin(), request.headers.end(),
        [](const model::OwnHeader& header) { return contract::count_drawn(contract::drawn_parts(header.value)) > 0; }));
    const auto too_many = [&](std::string_view which, std::size_t most) {
      problems_.add(node.mark, child(pointer, "headers"), "too_many",
                    fmt::format("a request of http2 has at most {} headers{}", most, which));
    };
    if (request.headers.size() > kMostHttp2Headers) too_many("", kMostHttp2Headers);
    else if (drawn > kMostHttp2DrawnHeaders) too_many(" with something drawn", kMostHttp2DrawnHeaders);
  }

  void check_protocol(const Node& node, const std::string& pointer, const OwnWorkload& workload) {
    const Node* const protocol = find(node, "protocol");
    const std::string at = child(pointer, "protocol");
    if (protocol == nullptr || problems_.has_below(at) || workload.protocol != model::OwnProtocol::ws) return;
    if (find(node, "mix") != nullptr || find(node, "session") != nullptr) {
      problems_.add(protocol->mark, at, "not_here",
                    "ws sends one kind of message; mixes and sessions are of http or http2");
      return;
    }
    if (find(node, "body") == nullptr)
      problems_.add(node.mark, child(pointer, "body"), "missing_key", "ws needs a body: the message that is sent");
    if (const Node* const method = find(node, "method"))
      problems_.add(method->mark, child(pointer, "method"), "not_here", "a WebSocket is opened by GET");
    const Node& expect = map_at(node, "expect");
    for (const std::string_view key : {"status", "content_type", "headers"}) {
      if (const Node* const value = find(expect, key))
        problems_.add(value->mark, child(child(pointer, "expect"), key), "not_here",
                      fmt::format("the answer to a message has no {}", key));
    }
  }

  const InnerFiles& files_;
  ProblemList& problems_;
  std::size_t& bytes_left_;
};

// All under one key `workloads`; a name that is there already is a problem.
class WorkloadList {
 public:
  void add(const Node& map, const std::string& file, const InnerFiles& files, ProblemList& problems) {
    WorkloadReader reader(files, problems, bytes_left_);
    if (map.items.empty())
      problems.add(map.mark, "/workloads", "out_of_range", "workloads is empty; it must name at least one");
    for (std::size_t i = 0; i < map.items.size() && !problems.is_full(); ++i) {
      const NodeKey& key = map.keys[i];
      const std::string pointer = child("/workloads", key.text);
      if (map.items[i].kind != NodeKind::map) continue;
      const auto [found, is_new] = files_of_.emplace(key.text, file);
      if (!is_new)
        problems.add(key.mark, pointer, "repeated",
                     fmt::format("{} is a workload of {} already", key.text, found->second));
      all_.push_back(reader.read(key.text, map.items[i], pointer, file));
    }
  }

  std::size_t size() const { return all_.size(); }
  std::vector<OwnWorkload> take() { return std::move(all_); }

 private:
  std::vector<OwnWorkload> all_;
  std::map<std::string, std::string> files_of_;
  std::size_t bytes_left_ = kMostFilesBytes;
};

// A file of workloads alone; whether it could be read at all.
void add_file(std::string_view text, const std::string& file, const std::string& shown, const InnerFiles& files,
              WorkloadList& list, std::vector<model::Problem>& problems) {
  YamlDocument document = read_yaml(text, file);
  ProblemList found(file);
  found.add_all(std::move(document.problems));
  if (document.root) {
    check_shape(*document.root, kWorkloadFileShape, "", found);
    check_schema_first(*document.root, found);
    if (const Node* const map = find(*document.root, "workloads", NodeKind::map)) list.add(*map, shown, files, found);
  }
  auto all = found.take();
  std::move(all.begin(), all.end(), std::back_inserter(problems));
}

}  // namespace

Parsed<std::vector<OwnWorkload>> parse_workloads(std::string_view text, const std::string& file,
                                                 const InnerFiles& files) {
  WorkloadList list;
  std::vector<model::Problem> problems;
  add_file(text, file, std::filesystem::path(file).filename().string(), files, list, problems);
  if (!problems.empty()) return {std::nullopt, std::move(problems)};
  return {list.take(), {}};
}

OwnWorkloads read_own_workloads(const Node& stack, const std::string& file, const StackFiles& files,
                                ProblemList& problems) {
  WorkloadList list;
  OwnWorkloads own;
  const std::filesystem::path path(file);
  if (const Node* const map = find(stack, "workloads", NodeKind::map))
    list.add(*map, path.filename().string(), files.folder, problems);
  const auto add_all = [&](const char* key, const InnerFiles& source, const auto& name_of) {
    const Node* const names = find(stack, key, NodeKind::list);
    if (names == nullptr || !source) return;
    for (std::size_t i = 0; i < names->items.size(); ++i) {
      const std::string at = child(child("", key), i);
      if (problems.has_below(at)) continue;
      const std::string inner = name_of(names->items[i].text);
      const auto text = source(inner);
      if (!text) {
        problems.add(names->items[i].mark, at, "missing_file", text.error().message);
        continue;
      }
      const bool is_shared = std::string_view(key) == "shared_workloads";
      const auto place = is_shared ? path.parent_path().parent_path() / "workloads" : path.parent_path();
      add_file(*text, (place / inner).string(), is_shared ? "workloads/" + inner : inner, source, list, own.problems);
    }
  };
  add_all("workload_files", files.folder, [](const std::string& name) { return name; });
  add_all("shared_workloads", files.shared, [](const std::string& name) { return name + ".yaml"; });
  if (list.size() > static_cast<std::size_t>(kMostOwnWorkloads))
    problems.add(stack.mark, "/workloads", "out_of_range",
                 fmt::format("the stack has {} workloads; at most {} are allowed", list.size(), kMostOwnWorkloads));
  own.workloads = list.take();
  return own;
}

}  // namespace dyno::stackfile
