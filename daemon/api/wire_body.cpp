#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <set>

#include "api/wire.h"
#include "api/wire_json.h"
#include "base/text.h"
#include "model/metric.h"
#include "model/tag.h"

namespace dyno::api::wire {
namespace {

constexpr int kMaxDepth = 32;
constexpr int kMostValues =
    1000;  // ten times what a request needs: the parser looks through an object for each of its keys
constexpr std::size_t kMostKeyBytes = 256;  // that are said back

tl::unexpected<Problem> unreadable(std::string detail) {
  return tl::unexpected<Problem>(Problem{400, "bad-request", std::move(detail), {}});
}

// Counted on the text, before a parser builds anything.
std::optional<std::string> limit_passed(std::string_view text) {
  int depth = 0;
  int commas = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_string && c == '\\') {
      ++i;
    } else if (c == '"') {
      in_string = !in_string;
    } else if (!in_string && (c == '{' || c == '[')) {
      if (++depth > kMaxDepth) return fmt::format("the body is nested deeper than {} levels", kMaxDepth);
    } else if (!in_string && (c == '}' || c == ']')) {
      --depth;
    } else if (!in_string && c == ',' && ++commas >= kMostValues) {
      return fmt::format("the body has more than {} values", kMostValues);
    }
  }
  return std::nullopt;
}

// The parser would silently keep the last of two equal keys; here two are an error.
tl::expected<Json, Problem> parse_strictly(std::string_view text) {
  if (auto passed = limit_passed(text)) return unreadable(std::move(*passed));
  std::vector<std::set<std::string>> open_objects;
  std::string twice;
  const auto watch = [&](int, Json::parse_event_t event, Json& value) {
    if (event == Json::parse_event_t::object_start) open_objects.emplace_back();
    if (event == Json::parse_event_t::object_end) open_objects.pop_back();
    if (event == Json::parse_event_t::key && !open_objects.back().insert(value.get<std::string>()).second)
      twice = value.get<std::string>();
    return true;
  };
  Json json = Json::parse(text, watch, false);
  if (json.is_discarded()) return unreadable("the body is not JSON");
  if (!twice.empty()) return unreadable(fmt::format("the key \"{}\" is duplicated", visible(twice, 60)));
  return json;
}

// Reads the members of one object and collects whatever is wrong with them.
class ObjectReader {
 public:
  explicit ObjectReader(const Json& object) : object_(object) {}

  void refuse_others(std::span<const std::string_view> known) {
    for (const auto& [key, value] : object_.items()) {
      if (is_full(faults_)) return;
      if (std::find(known.begin(), known.end(), key) != known.end()) continue;
      add("/" + visible(key, kMostKeyBytes), "unknown_key",
          fmt::format("unknown key \"{}\"{}", visible(key, 60), did_you_mean(key, known)));
    }
  }
  const Json* find(const char* key) const {
    const auto at = object_.find(key);
    return at == object_.end() ? nullptr : &*at;
  }
  std::optional<std::string> text(const char* key) {
    const Json* const value = find(key);
    if (value == nullptr) return std::nullopt;
    if (value->is_string()) return value->get<std::string>();
    add(std::string("/") + key, "wrong_type", fmt::format("{} must be text", key));
    return std::nullopt;
  }
  void add(std::string pointer, std::string code, std::string detail) {
    Fault fault;
    fault.detail = std::move(detail);
    fault.code = std::move(code);
    fault.pointer = std::move(pointer);
    add_fault(faults_, std::move(fault));
  }
  std::vector<Fault>& faults() { return faults_; }

 private:
  const Json& object_;
  std::vector<Fault> faults_;
};

void read_stacks(ObjectReader& reader, NewRun& run) {
  const Json* const stacks = reader.find("stacks");
  if (stacks == nullptr) return reader.add("/stacks", "missing_key", "stacks is missing; it takes names or globs");
  if (!stacks->is_array() || stacks->empty() || stacks->size() > 100) {
    return reader.add("/stacks", "wrong_type", "stacks must be a list of 1 to 100 names");
  }
  for (std::size_t i = 0; i < stacks->size(); ++i) {
    const Json& name = (*stacks)[i];
    if (!name.is_string() || name.get<std::string>().empty()) {
      reader.add(fmt::format("/stacks/{}", i), "wrong_type", "the name of a stack must be text");
    } else {
      run.stacks.push_back(name.get<std::string>());
    }
  }
}

void read_blocks(ObjectReader& reader, NewRun& run) {
  const Json* const blocks = reader.find("blocks");
  if (blocks == nullptr) return;
  const bool whole = blocks->is_number_integer();
  if (!whole || *blocks < 1 || *blocks > model::kMostBlocks) {
    return reader.add("/blocks", whole ? "out_of_range" : "wrong_type",
                      fmt::format("blocks must be a whole number from 1 to {}", model::kMostBlocks));
  }
  run.blocks = blocks->get<int>();
}

void read_seed(ObjectReader& reader, NewRun& run) {
  const auto text = reader.text("seed");
  if (!text) return;
  std::uint64_t seed = 0;
  const auto [end, fault] = std::from_chars(text->data(), text->data() + text->size(), seed);
  if (text->empty() || fault != std::errc() || end != text->data() + text->size()) {
    return reader.add("/seed", "out_of_range", "seed must be a decimal number of 64 bits, as text");
  }
  run.seed = seed;
}

constexpr Nanos kShortestWithin = std::chrono::minutes(1);
constexpr Nanos kLongestWithin = std::chrono::hours(24);

void read_compared_metrics(const Json& metrics, ObjectReader& reader, model::RunComparison& compare) {
  if (!metrics.is_array() || metrics.size() > model::kMetricCount)
    return reader.add("/compare/metrics", "wrong_type", "metrics must be a list of names, as /api/v1/metrics has them");
  for (std::size_t i = 0; i < metrics.size(); ++i) {
    const auto metric =
        metrics[i].is_string() ? model::parse_enum<model::MetricName>(metrics[i].get<std::string>()) : std::nullopt;
    if (metric && model::metric_of(*metric).better != model::Better::neither) compare.metrics.push_back(*metric);
    else
      reader.add(fmt::format("/compare/metrics/{}", i), "unknown_reference",
                 "a metric must be one of /api/v1/metrics that has a better direction");
  }
}

void read_compare(ObjectReader& reader, NewRun& run) {
  const Json* const object = reader.find("compare");
  if (object == nullptr) return;
  if (!object->is_object()) return reader.add("/compare", "wrong_type", "compare must be an object with a and b");
  constexpr std::array<std::string_view, 4> kKnown{"a", "b", "within", "metrics"};
  model::RunComparison& compare = run.compare.emplace();
  for (const auto& [key, value] : object->items()) {
    if (std::find(kKnown.begin(), kKnown.end(), key) == kKnown.end()) {
      reader.add("/compare/" + visible(key, kMostKeyBytes), "unknown_key",
                 fmt::format("unknown key \"{}\"{}", visible(key, 60), did_you_mean(key, kKnown)));
    } else if (key == "metrics") {
      read_compared_metrics(value, reader, compare);
    } else if (!value.is_string()) {
      reader.add("/compare/" + key, "wrong_type", fmt::format("{} must be text", key));
    } else if (key == "within") {
      compare.within = parse_duration(value.get<std::string>());
      if (!compare.within || *compare.within < kShortestWithin || *compare.within > kLongestWithin)
        reader.add("/compare/within", "out_of_range", "within must be a duration from 1min to 24h, such as 15min");
    } else {
      (key == "a" ? compare.a : compare.b) = value.get<std::string>();
    }
  }
  if (compare.a.empty() || compare.b.empty())
    reader.add(compare.a.empty() ? "/compare/a" : "/compare/b", "missing_key",
               "compare needs a and b, the names of two stacks");
}

constexpr std::size_t kMostWords = 2000;
void read_tags(ObjectReader& reader, model::MarkChange& change) {
  const Json* const tags = reader.find("tags");
  if (tags == nullptr) return;
  if (!tags->is_array() || tags->size() > model::kMostTags)
    return reader.add("/tags", "wrong_type", fmt::format("tags must be a list of at most {} words", model::kMostTags));
  std::set<std::string> all;
  for (std::size_t i = 0; i < tags->size(); ++i) {
    const Json& tag = (*tags)[i];
    if (tag.is_string() && model::is_tag(tag.get<std::string>())) {
      all.insert(tag.get<std::string>());
    } else {
      reader.add(fmt::format("/tags/{}", i), "out_of_range",
                 fmt::format("a tag has 1 to {} of a-z 0-9 . _ : / - and begins with a letter or digit",
                             model::kMostTagBytes));
    }
  }
  change.tags.emplace(all.begin(), all.end());
}

void read_excluded(ObjectReader& reader, model::MarkChange& change) {
  const Json* const why = reader.find("excluded");
  if (why == nullptr) return;
  change.excluded.emplace();
  if (why->is_null()) return;
  if (!why->is_string() || trim(why->get<std::string>()).empty())
    return reader.add("/excluded", "wrong_type", "excluded must say why, or be null: then the run counts again");
  *change.excluded = why->get<std::string>();
}

Problem faulty_body(std::vector<Fault>& faults) {
  const std::size_t count = faults.size();
  return Problem{422, "invalid-request",
                 is_full(faults) ? fmt::format("{} problems or more in the body", kMostFaults)
                                 : fmt::format("{} problem{} in the body", count, count == 1 ? "" : "s"),
                 std::move(faults)};
}

}  // namespace

tl::expected<NewRun, Problem> read_new_run(std::string_view body) {
  const auto json = parse_strictly(body);
  if (!json) return tl::unexpected<Problem>(json.error());
  if (!json->is_object()) return unreadable("the body is not a JSON object");
  constexpr std::array<std::string_view, 6> kKnown{"stacks", "profile", "blocks", "seed", "note", "compare"};
  ObjectReader reader(*json);
  NewRun run;
  reader.refuse_others(kKnown);
  read_stacks(reader, run);
  if (reader.find("profile") == nullptr) reader.add("/profile", "missing_key", "profile is missing");
  run.profile = reader.text("profile").value_or("");
  read_blocks(reader, run);
  read_seed(reader, run);
  read_compare(reader, run);
  run.note = reader.text("note").value_or("");
  if (run.note.size() > kMostWords)
    reader.add("/note", "out_of_range", fmt::format("note has at most {} bytes", kMostWords));
  if (!reader.faults().empty()) return tl::unexpected<Problem>(faulty_body(reader.faults()));
  return run;
}

tl::expected<model::MarkChange, Problem> read_mark_change(std::string_view body) {
  const auto json = parse_strictly(body);
  if (!json) return tl::unexpected<Problem>(json.error());
  if (!json->is_object()) return unreadable("the body is not a JSON object");
  constexpr std::array<std::string_view, 4> kKnown{"note", "tags", "pinned", "excluded"};
  ObjectReader reader(*json);
  model::MarkChange change;
  reader.refuse_others(kKnown);
  change.note = reader.text("note");
  read_tags(reader, change);
  if (const Json* const pinned = reader.find("pinned"); pinned != nullptr) {
    if (pinned->is_boolean()) change.pinned = pinned->get<bool>();
    else reader.add("/pinned", "wrong_type", "pinned is true or false");
  }
  read_excluded(reader, change);
  if (change.note && change.note->size() > kMostWords)
    reader.add("/note", "out_of_range", fmt::format("note has at most {} bytes", kMostWords));
  if (change.excluded && *change.excluded && (*change.excluded)->size() > kMostWords)
    reader.add("/excluded", "out_of_range", fmt::format("excluded has at most {} bytes", kMostWords));
  if (!reader.faults().empty()) return tl::unexpected<Problem>(faulty_body(reader.faults()));
  return change;
}

tl::expected<model::Baseline, Problem> read_baseline(std::string_view body) {
  const auto json = parse_strictly(body);
  if (!json) return tl::unexpected<Problem>(json.error());
  if (!json->is_object()) return unreadable("the body is not a JSON object");
  constexpr std::array<std::string_view, 4> kKnown{"ref", "profile", "schedule", "stack"};
  constexpr std::size_t kMostBytes = 256;
  ObjectReader reader(*json);
  reader.refuse_others(kKnown);
  if (reader.find("ref") == nullptr) reader.add("/ref", "missing_key", "ref is missing");
  const auto text = [&](const char* key) {
    std::string value = reader.text(key).value_or("");
    if (value.size() > kMostBytes)
      reader.add(std::string("/") + key, "out_of_range", fmt::format("{} has at most {} bytes", key, kMostBytes));
    return value;
  };
  model::Baseline baseline;
  baseline.ref = text("ref");
  baseline.profile = text("profile");
  baseline.schedule = text("schedule");
  baseline.stack = text("stack");
  if (!reader.faults().empty()) return tl::unexpected<Problem>(faulty_body(reader.faults()));
  return baseline;
}

tl::expected<std::string, Problem> read_schedule(std::string_view body) {
  const auto json = parse_strictly(body);
  if (!json) return tl::unexpected<Problem>(json.error());
  if (!json->is_object()) return unreadable("the body is not a JSON object");
  // JSON is YAML, and an object has no first key.
  std::string text = fmt::format("schema: {}\n", json->value("schema", Json("schedule/1")).dump());
  for (const auto& [key, value] : json->items()) {
    if (key != "schema") text += fmt::format("{}: {}\n", Json(key).dump(), value.dump());
  }
  return text;
}

}  // namespace dyno::api::wire
