// What a page weighs: the figures of one phase, as the dashboard asks for them (web/src/model/selection.ts), against the whole
// result of a run. Prints both, so that the figures in the documents can be made again.
#include <gtest/gtest.h>

#include <cstdio>
#include <fstream>
#include <regex>
#include <set>
#include <sstream>

#include "api/compressor.h"
#include "api/wire.h"
#include "model/metric.h"

namespace dyno::api {
namespace {

std::set<std::string> shown_metrics() {
  std::ifstream file(std::string(DYNO_SOURCE_DIR) + "/web/src/model/selection.ts");
  std::stringstream text;
  text << file.rdbuf();
  std::set<std::string> shown;
  const std::string all = text.str();
  const std::regex word("'([a-z0-9_]+)'");
  for (auto at = std::sregex_iterator(all.begin(), all.end(), word); at != std::sregex_iterator(); ++at) {
    if (model::parse_enum<model::MetricName>((*at)[1].str())) shown.insert((*at)[1].str());
  }
  for (const char* const times : {"latency", "service_time", "delivery"}) {
    for (const char* const percentile : {"p50", "p90", "p99", "p999"})
      shown.insert(std::string(times) + "_" + percentile + "_ns");
  }
  return shown;
}

// Numbers with all the digits that measured ones have.
double figure(std::size_t i) { return 1e6 * (1 + static_cast<double>((i * 2'654'435'761U) % 1'000'003) / 1'000'003.0); }

std::vector<model::Summary> whole_result(int stacks, int trials) {
  std::vector<model::Summary> all;
  for (int stack = 0; stack < stacks; ++stack) {
    for (const char* const phase : {"", "json/c32", "json/c32/r30%", "users/c32", "fortunes/c32"}) {
      for (const model::Metric& metric : model::metrics()) {
        const bool of_trial = metric.scope == model::MetricScope::trial;
        // What a closed loop over HTTP has not.
        const bool absent = metric.name.starts_with("deliver") || metric.name.starts_with("beside") ||
                            metric.name.find("cache_cold") != std::string_view::npos;
        if (of_trial != (*phase == '\0') || absent) continue;
        model::Summary& s = all.emplace_back();
        s.case_name = "runtime-framework-" + std::to_string(stack) + "/single";
        s.phase = phase;
        s.metric = metric.metric;
        s.n = trials;
        for (int i = 0; i < trials; ++i) s.values.push_back(figure(all.size() * 31 + static_cast<std::size_t>(i)));
        s.value = figure(all.size());
        s.range = model::Interval{s.values.front(), s.values.back()};
      }
    }
  }
  return all;
}

struct Weight {
  std::size_t json = 0;
  std::size_t gzip = 0;
  std::size_t br = 0;
};

Weight weigh(const std::vector<model::Summary>& summaries) {
  model::Run run;
  run.id = "019aa3c2-7c51-7d0e-9b1c-5f2f6c1d8e44";
  std::map<std::string, std::string> stack_of;
  wire::SummaryFrame frame;
  for (const model::Summary& s : summaries) {
    if (stack_of.emplace(s.case_name, s.case_name.substr(0, s.case_name.find('/'))).second)
      frame.cases.push_back(s.case_name);
  }
  const std::string json = wire::summaries(run, frame, summaries, {}, stack_of);
  return {json.size(), compress(Coding::gzip, json).size(), compress(Coding::br, json).size()};
}

TEST(PageBytes, OnePageIsAFractionOfTheResult) {
  const std::set<std::string> shown = shown_metrics();
  ASSERT_GT(shown.size(), 20U);
  for (const int stacks : {4, 200}) {
    const auto all = whole_result(stacks, 2);
    auto page = all;
    std::erase_if(page, [&](const model::Summary& s) {
      return (!s.phase.empty() && s.phase != "json/c32") || !shown.contains(std::string(model::to_string(s.metric)));
    });
    const Weight before = weigh(all);
    const Weight after = weigh(page);
    std::printf("%3d stacks: whole %zu B (gzip %zu, br %zu); page %zu B (gzip %zu, br %zu)\n", stacks, before.json,
                before.gzip, before.br, after.json, after.gzip, after.br);
    EXPECT_LT(after.json * 4, before.json);
    EXPECT_LT(after.br * 20, before.json);
    EXPECT_LT(after.br, static_cast<std::size_t>(stacks) * 1500 + 2000);
  }
}

}  // namespace
}  // namespace dyno::api
