#include "api/wire.h"
#include "api/wire_json.h"

namespace dyno::api::wire {
namespace {

Json interval_json(double low, double high) { return Json::array({low, high}); }

Json side_json(const ComparedSide& side) {
  Json json{{"ref", side.ref}, {"runs", side.runs}};
  put_text(json, "case", side.case_name);
  json["created_at"] = format_instant(side.created_at);
  json["environment_key"] = side.environment_key;
  json["profile"] = side.profile;
  if (!side.nights.empty()) json["nights"] = nights_json(side.nights);
  return json;
}

Json figure_json(const model::Summary& s) {
  Json json = object_for(8);
  add(json, "value", s.value);
  add(json, "n", s.n);
  if (s.ci95) add(json, "ci95", interval_json(s.ci95->low, s.ci95->high));
  if (s.range) add(json, "range", interval_json(s.range->low, s.range->high));
  if (s.nights > 1) {
    add(json, "nights", s.nights);
    add(json, "nights_differ", s.nights_differ);
  }
  add(json, "validity", word(s.validity));
  add(json, "bound", word(s.bound));
  return json;
}

Json compared_json(const results::Compared& one) {
  Json json = object_for(20);
  add(json, "case", one.b.summary.case_name);
  add(json, "stack", one.b.stack);
  put_text(json, "phase", one.b.summary.phase);
  put_metric(json, one.b.summary.metric);
  add(json, "a", figure_json(one.a.summary));
  add(json, "b", figure_json(one.b.summary));
  json["design"] = one.design == stats::Design::paired ? "paired" : "unpaired";
  if (one.factor) {
    json["n"] = one.factor->n;
    json["unit_of_n"] = one.factor->nights_differ ? "night" : "trial";
    put_number(json, "ratio", one.factor->value);
    if (one.factor->ci95) {
      json["ci95"] = interval_json(one.factor->ci95->low, one.factor->ci95->high);
      json["confidence"] = one.confidence;
    }
  }
  put_number(json, "band_percent", 100 * one.band);
  if (one.mde) put_number(json, "mde_percent", 100 * *one.mde);
  if (one.decision) json["decision"] = word(*one.decision);
  if (one.doubt) json["doubt"] = word(*one.doubt);
  return json;
}

Json difference_json(const results::Difference& one) {
  Json json{{"what", one.what}};
  put_text(json, "stack", one.stack);
  put_text(json, "a", one.a);
  put_text(json, "b", one.b);
  json["in_key"] = one.in_key;
  return json;
}

Json series_json(const model::Series& one) {
  Json json{{"id", std::to_string(one.id)}, {"profile", one.profile}, {"case", one.case_name}, {"stack", one.stack}};
  put_text(json, "phase", one.phase);
  put_metric(json, one.metric);
  put_instant(json, "last_at", one.last_at);
  json["points"] = "/api/v1/series/" + std::to_string(one.id) + "/points";
  return json;
}

Json segment_json(const model::Segment& one) {
  Json json{{"first_at", format_instant(one.first_at)},
            {"last_at", format_instant(one.last_at)},
            {"points", one.points},
            {"environment_key", one.environment_key},
            {"class", one.stack_class},
            {"profile_hash", one.profile_hash},
            {"breaks", Json::array()}};
  for (const model::Break why : one.breaks) json["breaks"].push_back(word(why));
  return json;
}

Json point_json(const model::Point& one) {
  Json json = object_for(8);
  add(json, "at", format_instant(one.at));
  add(json, "run", one.run_id);
  add(json, "segment", one.segment);
  add(json, "n", one.n);
  put_number(json, "value", one.value);
  if (one.spread == model::Spread::ci95) add(json, "ci95", interval_json(one.low, one.high));
  if (one.spread == model::Spread::range) add(json, "range", interval_json(one.low, one.high));
  add(json, "validity", word(one.validity));
  add(json, "bound", word(one.bound));
  return json;
}

void put_compared(Json& json, const Comparison& all) {
  json["same_environment"] = all.a.environment_key == all.b.environment_key;
  json["differences"] = Json::array();
  for (const results::Difference& one : all.differences) json["differences"].push_back(difference_json(one));
  Json counts{{"better", 0}, {"worse", 0}, {"same", 0}, {"inconclusive", 0}};
  json["items"] = Json::array();
  for (const results::Compared& one : all.rows) {
    json["items"].push_back(compared_json(one));
    if (one.decision) counts[word(*one.decision)] = counts[word(*one.decision)].get<int>() + 1;
  }
  json["decisions"] = std::move(counts);
  if (all.look)
    json["look"] = {
        {"blocks", all.look->blocks}, {"blocks_at_most", all.look->most}, {"confidence", all.look->confidence}};
}

}  // namespace

std::string comparison(const Comparison& all, const std::vector<Comparison>& more) {
  Json json{{"a", side_json(all.a)}, {"b", side_json(all.b)}};
  put_compared(json, all);
  if (!more.empty()) json["more"] = Json::array();
  for (const Comparison& one : more) {
    Json other{{"b", side_json(one.b)}};
    put_compared(other, one);
    json["more"].push_back(std::move(other));
  }
  return text_of(json);
}

std::string series(const std::vector<model::Series>& all, std::string_view next) {
  Json json{{"items", Json::array()}};
  for (const model::Series& one : all) json["items"].push_back(series_json(one));
  if (!next.empty()) json["next"] = next;
  return text_of(json);
}

namespace {

Json baseline_json(const model::Baseline& one) {
  Json json{{"name", one.name}, {"ref", one.ref}};
  put_text(json, "profile", one.profile);
  put_text(json, "schedule", one.schedule);
  put_text(json, "stack", one.stack);
  json["created_at"] = format_instant(one.created_at);
  json["changed_at"] = format_instant(one.changed_at);
  return json;
}

}  // namespace

std::string baseline(const model::Baseline& one) { return text_of(baseline_json(one)); }

std::string baselines(const std::vector<model::Baseline>& all) {
  Json json{{"items", Json::array()}};
  for (const model::Baseline& one : all) json["items"].push_back(baseline_json(one));
  return text_of(json);
}

std::string history(const model::History& all) {
  Json json{{"series", series_json(all.series)}, {"in_all", all.in_all}, {"segments", Json::array()}};
  for (const model::Segment& one : all.segments) json["segments"].push_back(segment_json(one));
  json["annotations"] = Json::array();
  for (const model::Annotation& one : all.annotations) {
    json["annotations"].push_back(
        {{"kind", word(one.kind)}, {"at", format_instant(one.at)}, {"run", one.run_id}, {"text", one.text}});
  }
  json["items"] = Json::array();
  for (const model::Point& one : all.points) json["items"].push_back(point_json(one));
  return text_of(json);
}

}  // namespace dyno::api::wire
