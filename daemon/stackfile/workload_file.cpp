// Workloads of somebody's own: under `workloads` of a stack of contract own, and in files of their own (schema workload/1).
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <iterator>
#include <map>

#include "base/csv.h"
#include "base/text.h"
#include "contract/drawn_text.h"
#include "stackfile/drawn_names.h"
#include "stackfile/files.h"
#include "stackfile/parts.h"
#include "stackfile/read_yaml.h"
#include "stackfile/shape.h"
#include "stackfile/tree.h"

namespace dyno::stackfile {
namespace {

using model::names_of;

constexpr std::array<std::string_view, 1> kWorkloadSchema{"workload/1"};
constexpr std::int64_t kMostRequests = 50;
constexpr std::size_t kMostFilesBytes = 4 * 1024 * 1024;  // of all files that the workloads of a stack name
// As many as dyno-load has room for.
constexpr std::size_t kMostHttp2Headers = 24;
constexpr std::size_t kMostHttp2DrawnHeaders = 8;

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
    optional("take", dictionary(kIdentifier, kTakeEntry, 20),
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
    optional("objectives", list_of(kObjective, 1, kMostObjectives),
             "what a stack has to reach at them, such as: p99 of list-orders at 200/s < 20 ms"),
};
constexpr Table kWorkloadFileTable{kWorkloadFileKeys};

}  // namespace

constinit const Shape kWorkloadFileShape = map_of(kWorkloadFileTable);

namespace {

using model::OwnRequest;
using model::OwnWorkload;

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
    DrawnNames names(problems_);
    read_table(node, pointer, workload, names);
    const Node* const list = session != nullptr ? session : mix;
    const std::string at = list == nullptr ? pointer : child(pointer, session != nullptr ? "session" : "mix");
    if (list == nullptr) {
      workload.requests.push_back(read_request(node, pointer, file));
      names.check(workload.requests[0], 0, node, pointer);
      if (workload.protocol == model::OwnProtocol::http2) check_http2_headers(workload.requests[0], node, pointer);
    } else {
      for (std::size_t i = 0; i < list->items.size() && !problems_.is_full(); ++i) {
        workload.requests.push_back(read_request(list->items[i], child(at, i), file));
        check_place(list->items[i], child(at, i), session != nullptr);
        names.note_takes(workload.requests.back(), i, list->items[i], child(at, i));
      }
      for (std::size_t i = 0; i < workload.requests.size() && !problems_.is_full(); ++i) {
        names.check(workload.requests[i], i, list->items[i], child(at, i));
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

  void read_table(const Node& node, const std::string& pointer, OwnWorkload& workload, DrawnNames& names) {
    const Node* const table = find(node, "table", NodeKind::scalar);
    if (table == nullptr) return;
    workload.table.file = table->text;
    std::optional<CsvTable> known;
    if (auto csv = read_file_at(*table, child(pointer, "table"))) {
      if (auto read = read_csv(*csv, table->text)) {
        known = std::move(*read);
        workload.table.csv = std::move(*csv);
      } else {
        problems_.add(table->mark, child(pointer, "table"), "bad_table", read.error().message);
      }
    }
    names.set_table(std::move(known));
  }

  OwnRequest read_request(const Node& node, const std::string& pointer, const std::string& file) {
    OwnRequest request;
    request.line = node.mark.line;
    request.target = text_at(node, "path", request.target);
    const Node& headers = map_at(node, "headers");
    for (std::size_t i = 0; i < headers.keys.size(); ++i) {
      request.headers.push_back({headers.keys[i].text, headers.items[i].text});
      if (headers.items[i].text.find('\t') != std::string::npos)
        problems_.add(headers.items[i].mark, child(child(pointer, "headers"), headers.keys[i].text), "bad_value",
                      "a header that is sent has no tabs");
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
    request.expect =
        read_expect(expect != nullptr ? *expect : map_at(node, "expect"), child(pointer, "expect"), problems_);
    request.expect.file = file;
    request.expect.line = expect != nullptr ? expect->mark.line : node.mark.line;
    request.takes = read_takes(node, child(pointer, "take"), problems_);
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
  std::vector<std::string_view> names() const {
    std::vector<std::string_view> names;
    for (const OwnWorkload& workload : all_) names.push_back(workload.name);
    return names;
  }

 private:
  std::vector<OwnWorkload> all_;
  std::map<std::string, std::string> files_of_;
  std::size_t bytes_left_ = kMostFilesBytes;
};

std::vector<std::string_view> keys_of(const Node& map) {
  std::vector<std::string_view> keys;
  for (const NodeKey& key : map.keys) keys.push_back(key.text);
  return keys;
}

// A file of workloads alone, with the objectives for them.
void add_file(std::string_view text, const std::string& file, const std::string& shown, const InnerFiles& files,
              WorkloadList& list, OwnWorkloads& own) {
  YamlDocument document = read_yaml(text, file);
  ProblemList found(file);
  found.add_all(std::move(document.problems));
  if (document.root) {
    check_shape(*document.root, kWorkloadFileShape, "", found);
    check_schema_first(*document.root, found);
    if (const Node* const map = find(*document.root, "workloads", NodeKind::map)) list.add(*map, shown, files, found);
    auto objectives = read_objectives(*document.root, shown, keys_of(map_at(*document.root, "workloads")), found);
    std::move(objectives.begin(), objectives.end(), std::back_inserter(own.objectives));
  }
  auto all = found.take();
  std::move(all.begin(), all.end(), std::back_inserter(own.problems));
}

}  // namespace

Parsed<std::vector<OwnWorkload>> parse_workloads(std::string_view text, const std::string& file,
                                                 const InnerFiles& files) {
  WorkloadList list;
  OwnWorkloads own;
  add_file(text, file, std::filesystem::path(file).filename().string(), files, list, own);
  if (!own.problems.empty()) return {std::nullopt, std::move(own.problems)};
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
      add_file(*text, (place / inner).string(), is_shared ? "workloads/" + inner : inner, source, list, own);
    }
  };
  add_all("workload_files", files.folder, [](const std::string& name) { return name; });
  add_all("shared_workloads", files.shared, [](const std::string& name) { return name + ".yaml"; });
  if (list.size() > static_cast<std::size_t>(kMostOwnWorkloads))
    problems.add(stack.mark, "/workloads", "out_of_range",
                 fmt::format("the stack has {} workloads; at most {} are allowed", list.size(), kMostOwnWorkloads));
  auto objectives = read_objectives(stack, path.filename().string(), list.names(), problems);
  own.objectives.insert(own.objectives.begin(), objectives.begin(), objectives.end());
  own.workloads = list.take();
  return own;
}

}  // namespace dyno::stackfile
