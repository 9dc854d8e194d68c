#include "stackfile/parts.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <string>

#include "base/quantity.h"
#include "base/text.h"
#include "contract/workloads/registry.h"
#include "stackfile/tree.h"

namespace dyno::stackfile {
namespace {

constexpr std::string_view kOf = "% of ";
constexpr double kMaxRate = 10e6;
constexpr double kMaxShare = 2;

// Of a text that obeys kPhaseRate.
model::PhaseRate rate_from(std::string_view text) {
  if (text.empty()) return std::monostate();
  if (text == "objectives") return model::RatesOfObjectives();
  if (text.ends_with("/s")) return Rate{parse_double(text.substr(0, text.size() - 2)).value_or(0)};
  const std::size_t of = text.find(kOf);
  if (of == std::string_view::npos) return std::monostate();
  return model::ShareOfCap{parse_double(text.substr(0, of)).value_or(0) / 100,
                           std::string(text.substr(of + kOf.size()))};
}

// An earlier phase that others may refer to.
struct Named {
  std::string as;
  std::string workload;
  bool closed = false;
};

bool is_own(std::string_view workload) { return workload.starts_with(model::kOwnPrefix); }

class PhaseChecker {
 public:
  explicit PhaseChecker(ProblemList& problems) : problems_(problems) {}

  void check(const Node& phase, const std::string& pointer) {
    check_connections(phase, pointer);
    check_rate(phase, pointer);
    check_window(phase, pointer);
    check_as(phase, pointer);
    check_params(phase, pointer);
    check_stream(phase, pointer);
    if (const Node* const beside = find(phase, "beside", NodeKind::map))
      check_beside(*beside, child(pointer, "beside"));
  }

 private:
  void check_connections(const Node& phase, const std::string& pointer) {
    const Node* const levels = find(phase, "levels");
    const Node* const connections = find(phase, "connections");
    if (levels == nullptr && connections == nullptr && !problems_.has_below(child(pointer, "connections"))) {
      problems_.add(phase.mark, child(pointer, "connections"), "missing_key", "the phase needs connections, or levels");
    } else if (levels != nullptr && connections != nullptr) {
      problems_.add(levels->mark, child(pointer, "levels"), "both", "a phase has connections or levels, not both");
    }
  }

  void check_rate(const Node& phase, const std::string& pointer) {
    const std::string loop = text_at(phase, "loop");
    const Node* const rate = find(phase, "rate", NodeKind::scalar);
    const std::string path = child(pointer, "rate");
    if (problems_.has_below(path) || (loop != "open" && loop != "closed")) return;
    if (loop == "open" && rate == nullptr) {
      problems_.add(phase.mark, path, "missing_key", "an open loop needs a rate, such as 1000/s or 60% of json_cap");
    } else if (loop == "closed" && rate != nullptr) {
      problems_.add(rate->mark, path, "not_here", "a closed loop has no rate; it goes as fast as the stack answers");
    } else if (rate != nullptr) {
      check_rate_value(*rate, text_at(phase, "workload"), path);
    }
  }

  void check_window(const Node& phase, const std::string& pointer) {
    const Node* const most = find(phase, "measure_max", NodeKind::scalar);
    const std::string path = child(pointer, "measure_max");
    if (most == nullptr || problems_.has_below(path)) return;
    if (text_at(phase, "loop") == "closed") {
      problems_.add(most->mark, path, "not_here",
                    "a closed loop has no rate that could be too low; measure is its length");
    } else if (const Nanos least = duration_at(phase, "measure", {});
               duration_at(phase, "measure_max", least) < least) {
      problems_.add(
          most->mark, path, "out_of_range",
          fmt::format("measure_max is {}; it must be at least measure, {}", most->text, format_duration(least)));
    }
  }

  void check_rate_value(const Node& node, const std::string& workload, const std::string& path) {
    const model::PhaseRate rate = rate_from(node.text);
    if (const auto* const fixed = std::get_if<Rate>(&rate)) {
      if (fixed->per_s < 0.001 || fixed->per_s > kMaxRate) {
        problems_.add(node.mark, path, "out_of_range",
                      fmt::format("rate is {}; it must be between 0.001/s and {:.0f}/s", node.text, kMaxRate));
      }
    } else if (const auto* const share = std::get_if<model::ShareOfCap>(&rate)) {
      if (share->share < 0.001 || share->share > kMaxShare) {
        problems_.add(
            node.mark, path, "out_of_range",
            fmt::format("rate is {}; the share must be between 0.1% and {:.0f}%", node.text, kMaxShare * 100));
      }
      check_reference(node, *share, workload, path);
    } else if (!is_own(workload)) {
      problems_.add(node.mark, path, "not_here",
                    "rates of objectives are those of workloads of a stack's own: workload: own/*");
    }
  }

  void check_reference(const Node& node, const model::ShareOfCap& share, const std::string& workload,
                       const std::string& path) {
    const auto found =
        std::find_if(named_.begin(), named_.end(), [&](const Named& named) { return named.as == share.cap; });
    if (found == named_.end()) {
      std::vector<std::string_view> names;
      for (const Named& named : named_) names.push_back(named.as);
      problems_.add(node.mark, path, "unknown_reference",
                    fmt::format("no earlier phase is called {}{}", share.cap,
                                names.empty() ? "; name one with as" : did_you_mean(share.cap, names)));
    } else if (!found->closed) {
      problems_.add(node.mark, path, "bad_reference",
                    fmt::format("{} is an open loop; a share needs a closed loop's throughput", share.cap));
    } else if (found->workload != workload && !(found->workload == model::kAllOwn && is_own(workload))) {
      problems_.add(node.mark, path, "bad_reference",
                    fmt::format("{} is about {}, not {}", share.cap, found->workload, workload));
    }
  }

  void check_as(const Node& phase, const std::string& pointer) {
    const Node* const as = find(phase, "as", NodeKind::scalar);
    if (as == nullptr) return;
    const std::string path = child(pointer, "as");
    if (find(phase, "levels") != nullptr) {
      problems_.add(as->mark, path, "not_here", "a phase with levels cannot have as: it is several phases");
    }
    if (std::any_of(named_.begin(), named_.end(), [&](const Named& named) { return named.as == as->text; })) {
      problems_.add(as->mark, path, "repeated", fmt::format("an earlier phase is already called {}", as->text));
      return;
    }
    named_.push_back({as->text, text_at(phase, "workload"), text_at(phase, "loop") == "closed"});
  }

  // A name that no workload has, or a number out of its range, would quietly measure something else.
  void check_params(const Node& node, const std::string& pointer) {
    const Node* const params = find(node, "params", NodeKind::map);
    if (params != nullptr && is_own(text_at(node, "workload")))
      problems_.add(params->mark, child(pointer, "params"), "not_here",
                    "workloads of a stack's own have no params: their files say what is drawn");
    const contract::Workload* const workload = contract::find_workload(text_at(node, "workload"));
    if (params == nullptr || workload == nullptr) return;
    const auto& known = workload->params;
    std::vector<std::string_view> names;
    names.reserve(known.size());
    for (const contract::Param& param : known) names.push_back(param.name);
    for (std::size_t i = 0; i < params->keys.size(); ++i) {
      const NodeKey& key = params->keys[i];
      const std::string path = child(child(pointer, "params"), key.text);
      const auto found =
          std::find_if(known.begin(), known.end(), [&](const auto& param) { return param.name == key.text; });
      if (found == known.end()) {
        problems_.add(key.mark, path, "unknown_key",
                      fmt::format("{} has no parameter {}{}", workload->name, key.text,
                                  names.empty() ? "" : did_you_mean(key.text, names)));
      } else if (const auto value = parse_int(params->items[i].text);
                 value && (*value < found->least || *value > found->most)) {
        problems_.add(
            params->items[i].mark, path, "out_of_range",
            fmt::format("{} is {}; it must be between {} and {}", key.text, *value, found->least, found->most));
      }
    }
    for (const contract::Param& param : known) {
      if (find(*params, param.name) != nullptr && find(*params, param.instead_of) != nullptr)
        problems_.add(params->mark, child(pointer, "params"), "both",
                      fmt::format("a phase has {} or {}, not both", param.instead_of, param.name));
    }
  }

  void check_stream(const Node& phase, const std::string& pointer) {
    const contract::Workload* const workload = contract::find_workload(text_at(phase, "workload"));
    if (workload == nullptr || workload->why_open_loop.empty() || text_at(phase, "loop") != "closed") return;
    problems_.add(find(phase, "loop")->mark, child(pointer, "loop"), "not_here",
                  fmt::format("{} is measured in an open loop: {}", workload->name, workload->why_open_loop));
  }

  void check_beside(const Node& beside, const std::string& pointer) {
    check_params(beside, pointer);
    if (text_at(beside, "workload") == model::kAllOwn)
      problems_.add(find(beside, "workload")->mark, child(pointer, "workload"), "not_here",
                    "a background load is one workload: name it, such as own/list-orders");
    const contract::Workload* const workload = contract::find_workload(text_at(beside, "workload"));
    if (workload == nullptr || !workload->stream) return;
    problems_.add(find(beside, "workload")->mark, child(pointer, "workload"), "not_here",
                  fmt::format("{} cannot be a background load: it is more than requests", workload->name));
  }

  ProblemList& problems_;
  std::vector<Named> named_;
};

std::map<std::string, std::int64_t> read_params(const Node& node) {
  std::map<std::string, std::int64_t> params;
  for (const auto& [key, value] : dictionary_at(node, "params")) params.emplace(key, parse_int(value).value_or(0));
  return params;
}

std::optional<model::BesideLoad> read_beside(const Node& phase) {
  const Node* const node = find(phase, "beside", NodeKind::map);
  if (node == nullptr) return std::nullopt;
  model::BesideLoad beside;
  beside.workload = text_at(*node, "workload");
  beside.connections = static_cast<int>(integer_at(*node, "connections", beside.connections));
  beside.params = read_params(*node);
  return beside;
}

}  // namespace

void check_phases(const Node& phases, ProblemList& problems) {
  PhaseChecker checker(problems);
  for (std::size_t i = 0; i < phases.items.size() && !problems.is_full(); ++i) {
    if (phases.items[i].kind == NodeKind::map) checker.check(phases.items[i], child("/phases", i));
  }
}

std::vector<model::ProfilePhase> read_phases(const Node& phases) {
  std::vector<model::ProfilePhase> read;
  std::map<std::string, int> uses;
  for (const Node& node : phases.items) {
    model::ProfilePhase phase;
    phase.workload = text_at(node, "workload");
    phase.loop = choice_at(node, "loop", phase.loop);
    phase.rate = rate_from(text_at(node, "rate"));
    phase.measure = duration_at(node, "measure", phase.measure);
    phase.measure_max = duration_at(node, "measure_max", phase.measure_max);
    phase.as = text_at(node, "as");
    phase.params = read_params(node);
    phase.beside = read_beside(node);
    std::vector<std::string> levels = texts_at(node, "levels");
    if (levels.empty()) levels.push_back(text_at(node, "connections"));
    for (const std::string& level : levels) {
      phase.connections = static_cast<int>(parse_int(level).value_or(phase.connections));
      phase.name = model::name_of(phase);
      const int use = ++uses[phase.name];
      if (use > 1) phase.name += fmt::format("#{}", use);
      read.push_back(phase);
    }
  }
  return read;
}

}  // namespace dyno::stackfile
