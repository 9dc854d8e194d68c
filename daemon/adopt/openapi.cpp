#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

#include "adopt/requests.h"
#include "adopt/value.h"
#include "base/encoding.h"
#include "base/text.h"

namespace dyno::adopt {
namespace {

constexpr int kMostReferences = 16;
constexpr std::array<std::string_view, 7> kMethods{"get", "post", "put", "patch", "delete", "head", "options"};

// Why an operation cannot be asked, or nothing.
using Missing = std::optional<std::string>;

class OpenApiReading {
 public:
  OpenApiReading(const Value& root, std::string file) : root_(root), file_(std::move(file)) {}

  DraftRequests read() {
    for (const auto& [path, item] : root_.at("paths").entries) {
      for (const auto& [method, operation] : item.entries) {
        if (std::find(kMethods.begin(), kMethods.end(), method) != kMethods.end())
          add_operation(path, method, item, operation);
      }
    }
    return std::move(found_);
  }

 private:
  // "#/components/schemas/Order", and what that refers to.
  const Value& followed(const Value& value) const {
    const Value* at = &value;
    for (int i = 0; i < kMostReferences && at->has("$ref"); ++i) {
      std::string_view pointer = at->word("$ref");
      if (!pointer.starts_with("#/")) return *at;
      pointer.remove_prefix(2);
      const Value* next = &root_;
      for (const std::string_view part : split(pointer, '/')) next = &next->at(unescaped(part));
      at = next;
    }
    return *at;
  }

  static std::string unescaped(std::string_view part) {
    std::string out;
    for (std::size_t i = 0; i < part.size(); ++i) {
      if (part.substr(i).starts_with("~1")) out += '/';
      else if (part.substr(i).starts_with("~0")) out += '~';
      else out += part[i];
      if (part[i] == '~' && i + 1 < part.size() && (part[i + 1] == '0' || part[i + 1] == '1')) ++i;
    }
    return out;
  }

  // example, the first of examples, or those of its schema.
  const Value& example_of(const Value& holder) const {
    static const Value kNone;
    if (holder.has("example")) return holder.at("example");
    const Value& examples = holder.at("examples");
    if (!examples.entries.empty()) {
      const Value& first = followed(examples.entries.front().second);
      return examples.is_list() ? first : first.at("value");
    }
    if (!holder.has("schema")) return kNone;
    const Value& schema = followed(holder.at("schema"));
    for (const char* const key : {"example", "default", "const"}) {
      if (schema.has(key)) return schema.at(key);
    }
    for (const char* const key : {"examples", "enum"}) {
      if (schema.at(key).is_list() && !schema.at(key).entries.empty()) return schema.at(key).entries.front().second;
    }
    return kNone;
  }

  // A parameter's text in the target: its example, or what is drawn from a range that its schema gives.
  std::optional<std::string> value_of(const Value& parameter) const {
    const Value& example = example_of(parameter);
    if (example.is_text()) return percent_encoded(example.text);
    const Value& schema = followed(parameter.at("schema"));
    const auto least = parse_int(schema.word("minimum"));
    const auto most = parse_int(schema.word("maximum"));
    if (schema.word("type") == "integer" && least && most && *least < *most)
      return fmt::format("{{{}..{}}}", *least, *most);
    if (schema.word("format") == "uuid") return "{uuid}";
    return std::nullopt;
  }

  // The operation's own stand in place of the path's.
  std::vector<const Value*> parameters_of(const Value& item, const Value& operation) const {
    std::vector<const Value*> all;
    for (const Value* const holder : {&operation, &item}) {
      for (const auto& [unnamed, one] : holder->at("parameters").entries) {
        const Value& parameter = followed(one);
        const bool is_there = std::any_of(all.begin(), all.end(), [&](const Value* other) {
          return other->word("name") == parameter.word("name") && other->word("in") == parameter.word("in");
        });
        if (!is_there) all.push_back(&parameter);
      }
    }
    return all;
  }

  Missing fill_parameters(const Value& item, const Value& operation, DraftRequest& request) const {
    std::string query;
    for (const Value* const parameter : parameters_of(item, operation)) {
      const std::string name(parameter->word("name"));
      const std::string_view in = parameter->word("in");
      const bool is_needed = in == "path" || parameter->word("required") == "true";
      const auto value = value_of(*parameter);
      if (!value) {
        if (is_needed) return fmt::format("the parameter {} has no example", name);
        continue;
      }
      if (in == "path") {
        const std::string hole = "{" + name + "}";
        const std::size_t at = request.path.find(hole);
        if (at != std::string::npos) request.path.replace(at, hole.size(), *value);
      } else if (in == "query" && is_needed) {
        query += fmt::format("{}{}={}", query.empty() ? "?" : "&", percent_encoded(name), *value);
      } else if (in == "header" && is_needed) {
        request.headers.emplace_back(name, example_of(*parameter).text);
      }
    }
    request.path += query;
    return std::nullopt;
  }

  Missing fill_body(const Value& operation, DraftRequest& request) const {
    const Value& body = followed(operation.at("requestBody"));
    const Value& content = body.at("content");
    if (content.entries.empty()) return std::nullopt;
    const auto json = std::find_if(content.entries.begin(), content.entries.end(),
                                   [](const auto& one) { return one.first.find("json") != std::string::npos; });
    const auto& [type, media] = json == content.entries.end() ? content.entries.front() : *json;
    const Value& example = example_of(media);
    if (example.kind == Value::Kind::nothing) {
      if (body.word("required") == "false" && request.method != "POST") return std::nullopt;
      return fmt::format("its body ({}) has no example", type);
    }
    request.body_is_json = json != content.entries.end();
    request.body = request.body_is_json ? json_text(example) : example.text;
    if (!request.body_is_json) request.headers.emplace_back("Content-Type", type);
    return std::nullopt;
  }

  // The first good status, and the type of its body.
  void fill_expectation(const Value& operation, DraftRequest& request) const {
    for (const auto& [status, answer] : operation.at("responses").entries) {
      const auto number = parse_int(status);
      if (!number || *number < 200 || *number > 299) continue;
      request.status = static_cast<int>(*number);
      const auto& content = followed(answer).at("content").entries;
      if (!content.empty() && content.front().first.find('*') == std::string::npos)
        request.content_type = content.front().first;
      return;
    }
  }

  void add_operation(const std::string& path, const std::string& method, const Value& item, const Value& operation) {
    DraftRequest request;
    request.method.clear();
    for (const char c : method) request.method += static_cast<char>(c - 'a' + 'A');
    request.path = base_path() + path;
    const std::string id(operation.word("operationId"));
    request.name = name_from(id.empty() ? method + " " + path : id);
    Missing missing = fill_parameters(item, operation, request);
    if (!missing) missing = fill_body(operation, request);
    const std::string place = fmt::format(
        "{}{} {} {}", file_, operation.line > 0 ? fmt::format(":{}", operation.line) : "", request.method, path);
    if (missing) {
      found_.remarks.push_back({place, *missing + ": no request is made of it"});
      return;
    }
    if (operation.at("security").entries.empty() ? !root_.at("security").entries.empty() : true)
      found_.remarks.push_back({place, "it asks for credentials: add them under headers"});
    fill_expectation(operation, request);
    found_.workloads.push_back({unused(request.name), {request}});
  }

  std::string unused(const std::string& name) const {
    std::string free = name;
    for (int n = 2; std::any_of(found_.workloads.begin(), found_.workloads.end(),
                                [&](const DraftWorkload& one) { return one.name == free; });
         ++n)
      free = fmt::format("{}-{}", name.substr(0, 36), n);
    return free;
  }

  // "/v1" of "https://api.example.com/v1".
  std::string base_path() const {
    const auto& servers = root_.at("servers").entries;
    if (servers.empty()) return "";
    const std::string_view url = servers.front().second.word("url");
    const std::size_t host = url.find("://");
    const std::size_t slash = url.find('/', host == std::string_view::npos ? 0 : host + 3);
    std::string path(slash == std::string_view::npos ? "" : url.substr(slash));
    while (path.ends_with('/')) path.pop_back();
    return path;
  }

  const Value& root_;
  const std::string file_;
  DraftRequests found_;
};

}  // namespace

Result<DraftRequests> requests_from_openapi(std::string_view text, const std::string& file) {
  const auto root = read_value(text, file);
  if (!root) return fail(root.error());
  if (!root->word("openapi").starts_with("3.")) {
    const std::string found =
        root->has("swagger") ? fmt::format("Swagger {}", root->word("swagger")) : "something else";
    return fail(ErrorCode::invalid_argument, fmt::format("{} is no OpenAPI 3 document but {}", file, found));
  }
  return OpenApiReading(*root, file).read();
}

}  // namespace dyno::adopt
