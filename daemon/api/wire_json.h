// The JSON type of the wire files and the few forms that several of them need. Included by wire*.cpp only.
#pragma once

#include <cmath>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <nlohmann/json.hpp>

#include "api/wire.h"
#include "base/text.h"
#include "model/metric.h"
#include "model/run.h"

namespace dyno::api::wire {

using Json = nlohmann::ordered_json;  // fields in the order in which they are written

inline std::string text_of(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); }

// An object with room for so many fields: one that grows copies all that is in it each time.
inline Json object_for(std::size_t fields) {
  Json json = Json::object();
  json.get_ref<Json::object_t&>().reserve(fields);
  return json;
}
// A field that the object does not have yet; it is not looked for, as json[name] does.
template <class T>
void add(Json& json, std::string name, T&& value) {
  if (json.is_null()) json = Json::object();
  json.get_ref<Json::object_t&>().emplace_back(std::move(name), std::forward<T>(value));
}

inline void put_instant(Json& json, const char* name, const std::optional<WallTime>& instant) {
  if (instant) add(json, name, format_instant(*instant));
}
inline void put_text(Json& json, const char* name, const std::string& text) {
  if (!text.empty()) add(json, name, text);
}
inline void put_bytes(Json& json, const char* name, const std::optional<Bytes>& bytes) {
  if (bytes) add(json, name, bytes->value);
}
inline void put_ns(Json& json, const char* name, const std::optional<Nanos>& duration) {
  if (duration) add(json, name, duration->count());
}
// A number that is none (NaN, infinite) is left out: JSON has no word for it, and 0 would be a lie.
inline void put_number(Json& json, std::string name, double value) {
  if (std::isfinite(value)) add(json, std::move(name), value);
}
template <class E>
std::string word(E value) {
  return std::string(model::to_string(value));
}

inline void put_metric(Json& json, model::MetricName name) {
  const model::Metric& metric = model::metric_of(name);
  add(json, "metric", metric.name);
  add(json, "title", metric.title);
  add(json, "unit", metric.unit);
  add(json, "better", word(metric.better));
}

Json progress_json(const model::Progress& progress);
Json nights_json(const std::vector<store::PastRun>& nights);
Json pool_json(const PoolView& view);
Json gates_json(const std::vector<model::GateResult>& gates);

}  // namespace dyno::api::wire
