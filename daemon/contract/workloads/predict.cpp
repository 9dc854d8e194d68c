// predict: a sample of 30 numbers, scored by a small model (predict_model.h): parsing, arithmetic, a short answer.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <array>
#include <cmath>

#include "base/check.h"
#include "contract/workloads/predict_model.h"
#include "contract/workloads/registry.h"

namespace dyno::contract {
namespace {

constexpr std::size_t kFeatures = kPredictWeights.size();
constexpr const char* kType = "application/json";
// What single precision and another order of the sum leave.
constexpr double kScoreSlack = 1e-4;
// `{"label":1,"score":0.12345678901234567}`, with an exponent.
constexpr std::size_t kCanonicalBytes = 44;
constexpr std::size_t kLoadSamples = 16;

using Features = std::array<double, kFeatures>;

struct Sample {
  std::vector<std::string> features;  // as they stand in the JSON text
  double score = 0;
};

double score_of(const Features& features) {
  double z = kPredictBias;
  for (std::size_t i = 0; i < kFeatures; ++i)
    z += kPredictWeights[i] * (features[i] - kPredictMeans[i]) / kPredictScales[i];
  return 1 / (1 + std::exp(-z));
}

// The spellings of JSON: 12, -0.5, 1.5e-03.
std::string spelled(double value, std::int64_t way) {
  if (way == 0) return fmt::format("{:.0f}", value);
  return way == 1 ? fmt::format("{:.4e}", value) : fmt::format("{:.4f}", value);
}

Sample sample_of(std::vector<std::string> features) {
  Features values{};
  for (std::size_t i = 0; i < kFeatures; ++i) values[i] = std::stod(features[i]);
  return {std::move(features), score_of(values)};
}

// Near the middle of its features' distribution, and far enough from 0.5 for every precision to agree on the label.
Sample random_sample(Draw& draw) {
  while (true) {
    std::vector<std::string> features;
    for (std::size_t i = 0; i < kFeatures; ++i) {
      const double off = static_cast<double>(draw.between(-2000, 2000)) / 1000;
      features.push_back(spelled(kPredictMeans[i] + off * kPredictScales[i], draw.between(0, 9)));
    }
    Sample sample = sample_of(std::move(features));
    if (std::abs(sample.score - 0.5) > 0.01) return sample;
  }
}

// So far out that exp() of it is no longer a number.
Sample extreme_sample(bool is_positive) {
  std::vector<std::string> features;
  features.reserve(kPredictWeights.size());
  for (const double weight : kPredictWeights)
    features.emplace_back((weight > 0) == is_positive ? "1000000" : "-1000000");
  return sample_of(std::move(features));
}

std::string json_of(const std::vector<std::string>& features) {
  return fmt::format(R"({{"features":[{}]}})", fmt::join(features, ","));
}

Request predict(const Sample& sample) { return post_json("/predict", json_of(sample.features)); }

ExpectedAnswer scored(const Sample& sample) {
  ExpectedAnswer expected = json_answer("POST /predict", "");
  expected.canonical_bytes = kCanonicalBytes;
  expected.body = same_json(
      fmt::format(R"({{"label":{},"score":{:#.12g}}})", sample.score >= 0.5 ? 1 : 0, sample.score), kScoreSlack);
  return expected;
}

// One for every rule: exactly 30 numbers of at most a million, under the one key.
std::vector<BadBody> bad_samples(Draw& draw) {
  const std::vector<std::string> right = random_sample(draw).features;
  std::vector<BadBody> all;
  const auto add = [&](std::string fault, auto change) {
    std::vector<std::string> features = right;
    change(features);
    all.push_back({std::move(fault), json_of(features)});
  };
  using Texts = std::vector<std::string>;
  const auto at = static_cast<std::size_t>(draw.between(0, kFeatures - 1));
  add("29 features", [](Texts& f) { f.pop_back(); });
  add("31 features", [](Texts& f) { f.emplace_back("1"); });
  add("no features", [](Texts& f) { f.clear(); });
  add("a feature that is text", [at](Texts& f) { f[at] = "\"1.5\""; });
  add("a feature that is the text NaN", [at](Texts& f) { f[at] = "\"NaN\""; });
  add("a feature that is null", [at](Texts& f) { f[at] = "null"; });
  add("a feature that is true", [at](Texts& f) { f[at] = "true"; });
  add("a feature that is a list", [at](Texts& f) { f[at] = "[1]"; });
  add("a feature above a million", [at](Texts& f) { f[at] = "1000000.5"; });
  add("a feature below minus a million", [at](Texts& f) { f[at] = "-1000001"; });
  add("a feature beyond every number", [at](Texts& f) { f[at] = "1e999"; });
  all.push_back({"a further key", R"({"features":[)" + fmt::format("{}", fmt::join(right, ",")) + R"(],"x":1})"});
  all.push_back({"another key", R"({"feature":[1]})"});
  all.push_back({"features that are no list", R"({"features":1})"});
  all.push_back({"a list instead of an object", "[]"});
  return all;
}

Check refuses_nan(Asking& asking) {
  std::vector<std::string> features = random_sample(asking.draw).features;
  features.front() = "NaN";  // no JSON either; a reader that takes it all the same finds no number of the range
  ExpectedAnswer expected = bad_request("POST /predict with NaN");
  expected.tolerated = {422};
  return ask(asking, "predict: refuses NaN", post_json("/predict", json_of(features)), std::move(expected));
}

// Not those of verification, but always the same: what a stack answers to them is known to be right, to the byte.
std::vector<Sample> load_samples() {
  constexpr std::uint64_t kSeed = 0x9ED1C7;
  Draw draw(kSeed);
  std::vector<Sample> samples;
  for (std::size_t i = 0; i < kLoadSamples; ++i) samples.push_back(random_sample(draw));
  return samples;
}

Check answers_to_load(const Asking& asking) {
  std::vector<Request> requests;
  std::vector<ExpectedAnswer> expected;
  for (const Sample& sample : load_samples()) {
    requests.push_back(predict(sample));
    expected.push_back(scored(sample));
  }
  Check check =
      check_of("predict: scores the samples of the load", pipelined(requests, asking.host), std::move(expected));
  check.shows_load_body = true;
  return check;
}

std::vector<Check> checks_for(Asking& asking) {
  const Sample first = random_sample(asking.draw);
  const Sample second = random_sample(asking.draw);
  const std::vector<BadBody> bad = bad_samples(asking.draw);
  std::vector<Check> checks;
  checks.push_back(ask(asking, "predict: scores a sample", predict(first), scored(first)));
  checks.push_back(answers_to_load(asking));
  if (asking.depth == Depth::quick) {
    checks.push_back(refused_body(asking, "predict", bad.front()));
    return checks;
  }
  checks.push_back(check_of("predict: two samples on one connection",
                            kept_alive({predict(first), predict(second)}, asking.host),
                            {scored(first), scored(second)}));
  for (const bool is_positive : {true, false}) {
    const Sample extreme = extreme_sample(is_positive);
    checks.push_back(ask(asking, "predict: scores what is far out", predict(extreme), scored(extreme)));
  }
  checks.push_back(refuses_nan(asking));
  const auto question = [](Draw& draw) {
    const Sample sample = random_sample(draw);
    return JsonQuestion{json_of(sample.features), scored(sample)};
  };
  append(checks, json_body_checks(asking, "predict", question, bad));
  return checks;
}

// One body accepted for each, so that an answer to another sample is seen.
std::vector<ports::RequestTemplate> load_of(const Setting&, const RightBodies& right_bodies) {
  CHECK(right_bodies.empty() || right_bodies.size() == kLoadSamples, "verification saw an answer for each sample");
  std::vector<ports::RequestTemplate> requests;
  for (const Sample& sample : load_samples()) {
    requests.push_back(load_post("/predict", kType, json_of(sample.features)));
    if (!right_bodies.empty()) requests.back().accepted_bodies = {right_bodies[requests.size() - 1]};
  }
  return requests;
}

}  // namespace

Workload predict_workload() { return {.name = "predict", .checks = checks_for, .requests = load_of}; }

}  // namespace dyno::contract
