#include "cli/titles.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <ctime>
#include <optional>
#include <utility>

#include "base/quantity.h"
#include "base/text.h"

namespace dyno::cli {
namespace {

using Titles = std::span<const std::pair<std::string_view, std::string_view>>;

constexpr std::array<std::pair<std::string_view, std::string_view>, 15> kWorkloads{{{"plaintext", "Plaintext"},
                                                                                    {"json", "JSON"},
                                                                                    {"items", "Items"},
                                                                                    {"users", "Users"},
                                                                                    {"db", "Single query"},
                                                                                    {"queries", "Queries"},
                                                                                    {"fortunes", "Fortunes"},
                                                                                    {"updates", "Updates"},
                                                                                    {"validate", "Validation"},
                                                                                    {"cpu", "CPU"},
                                                                                    {"cpu_offload", "CPU (offloaded)"},
                                                                                    {"sse", "Server-sent events"},
                                                                                    {"ws", "WebSocket"},
                                                                                    {"upload", "Upload"},
                                                                                    {"predict", "Prediction"}}};

constexpr std::array<std::pair<std::string_view, std::string_view>, 39> kGates{
    {{"loader_cpu", "Load generator short of CPU"},
     {"loader_starved", "Load generator kept waiting for CPU"},
     {"loader_late", "Late requests"},
     {"loader_lag", "Load generator lag"},
     {"little", "Little's law"},
     {"errors", "Errors"},
     {"unanswered", "Unanswered requests"},
     {"deliveries", "Faulty deliveries"},
     {"streams", "Streams ended early"},
     {"no_answers", "No good answers"},
     {"service_lost", "Service stopped"},
     {"statements", "Database statements"},
     {"beside", "Background load"},
     {"app_lost", "Stack stopped"},
     {"oom", "Out of memory"},
     {"pids_exhausted", "Out of processes"},
     {"log_flood", "Too much output"},
     {"leaked", "Memory keeps growing"},
     {"throttling", "CPU throttling"},
     {"no_steady_state", "No steady state"},
     {"sampler", "Late samples"},
     {"cpu_edges", "CPU reading times"},
     {"clock", "Clock jump or standstill"},
     {"control", "Machine speed changed"},
     {"steal", "CPU steal"},
     {"foreign_load", "Other processes"},
     {"start_steal", "CPU steal during start"},
     {"start_foreign_load", "Other processes during start"},
     {"start_probe", "Gap between probes"},
     {"start_clock", "Clock jump during start"},
     {"idle_late", "Late idle reading"},
     {"retained_late", "Late reading after load"},
     {"co_located", "Shared CPUs"},
     {"governor", "CPU frequency governor"},
     {"load", "Busy machine"},
     {"swap", "Swap in use"},
     {"smt", "Shared physical core"},
     {"numa", "Two NUMA nodes"},
     {"daemon_cpus", "Daemon on measured CPUs"}}};

constexpr std::array<std::pair<std::string_view, std::string_view>, 22> kFailures{
    {{"build_failed", "could not be built"},
     {"image_missing", "image is not there"},
     {"image_unfit", "image does not say how it starts or where it listens"},
     {"create_failed", "container could not be created"},
     {"never_ready", "never became ready"},
     {"exited_early", "exited early"},
     {"crashed", "crashed"},
     {"oom_killed", "ran out of memory"},
     {"wrong_body", "gave a wrong answer"},
     {"hung", "stopped answering"},
     {"too_many_errors", "too many errors"},
     {"sandbox_lost", "sandbox was lost"},
     {"service_lost", "a service was lost"},
     {"engine_lost", "Docker stopped answering"},
     {"loader_failed", "load generator failed"},
     {"cancelled", "cancelled"},
     {"wrong_queries", "sent unexpected database statements"},
     {"not_evicted", "files stayed in the page cache"},
     {"interfered", "somebody else paused or removed a container"},
     {"slow_drip", "answers began and did not end"},
     {"port_mismatch", "listens on another port"},
     {"machine_busy", "the machine was busy with something else"}}};

constexpr std::array<std::pair<std::string_view, std::string_view>, 6> kBounds{{{"none", ""},
                                                                                {"loader", "load generator"},
                                                                                {"database", "database"},
                                                                                {"server", "stack CPU"},
                                                                                {"single_core", "one thread"},
                                                                                {"waiting", "not CPU"}}};

constexpr std::array<std::pair<std::string_view, std::string_view>, 8> kEnds{{{"succeeded", "Finished"},
                                                                              {"partly", "Partly finished"},
                                                                              {"failed", "Failed"},
                                                                              {"aborted", "Aborted"},
                                                                              {"cancelled", "Cancelled"},
                                                                              {"timed_out", "Timed out"},
                                                                              {"interrupted", "Interrupted"},
                                                                              {"skipped", "Skipped"}}};

std::optional<std::string> known_title(Titles titles, std::string_view name) {
  for (const auto& [key, title] : titles) {
    if (key == name) return std::string(title);
  }
  return std::nullopt;
}

std::string words(std::string_view name) {
  std::string text(name);
  std::replace(text.begin(), text.end(), '_', ' ');
  return text;
}

std::string capitalised(std::string text) {
  if (!text.empty() && text[0] >= 'a' && text[0] <= 'z') text[0] = static_cast<char>(text[0] - 'a' + 'A');
  return text;
}

std::string counted(std::int64_t value, std::string_view one, std::string_view many) {
  return fmt::format("{} {}", format_count(value), value == 1 ? one : many);
}

std::string param_title(std::string_view key, std::int64_t value) {
  if (key == "n") return format_count(value) + " per request";
  if (key == "count") return counted(value, "item", "items");
  if (key == "set") return counted(value, "row", "rows");
  if (key == "hash") return counted(value, "hash", "hashes");
  if (key == "sieve") return "primes up to " + format_count(value);
  if (key == "bytes") return format_bytes({value});
  if (key == "subscribers") return counted(value, "subscriber", "subscribers");
  return words(key) + " " + format_count(value);
}

// "30%json_cap", or a rate such as "1000".
std::string rate_title(std::string_view text) {
  const std::size_t percent = text.find('%');
  if (percent != std::string_view::npos) return fmt::format("{} % of its own maximum", text.substr(0, percent));
  const double rate = std::strtod(std::string(text).c_str(), nullptr);
  const auto whole = static_cast<std::int64_t>(rate);
  return (static_cast<double>(whole) == rate ? format_count(whole) : fmt::format("{:g}", rate)) + "/s";
}

struct PhaseName {
  std::vector<std::string> what;  // workload and its parameters
  std::string connections;
  std::string rate;  // of an open loop
};

// One side of a '+'.
PhaseName parsed(std::string_view name) {
  const auto parts = split(name, '/');
  PhaseName phase;
  phase.what.push_back(known_title(kWorkloads, parts[0]).value_or(std::string(parts[0])));
  for (std::size_t i = 1; i < parts.size(); ++i) {
    const std::size_t digits = std::min(parts[i].find_first_of("0123456789"), parts[i].size());
    const std::string_view key = parts[i].substr(0, digits);
    const std::string_view value = parts[i].substr(digits);
    if (key == "r") phase.rate = rate_title(value);
    else if (key == "c") phase.connections = counted(parse_int(value).value_or(0), "connection", "connections");
    else phase.what.push_back(value.empty() ? words(key) : param_title(key, parse_int(value).value_or(0)));
  }
  return phase;
}

std::string short_title(std::string_view name) {
  const std::size_t plus = name.find('+');
  const PhaseName phase = parsed(name.substr(0, plus));
  std::vector<std::string> parts = phase.what;
  if (const std::string& load = phase.rate.empty() ? phase.connections : phase.rate; !load.empty())
    parts.push_back(load);
  std::string title = fmt::format("{}", fmt::join(parts, " · "));
  if (plus == std::string_view::npos) return title;
  PhaseName other = parsed(name.substr(plus + 1));
  const std::string workload = other.what.front();
  other.what.erase(other.what.begin());
  other.what.push_back(other.connections);
  return fmt::format("{}, background load: {} ({})", title, workload, fmt::join(other.what, ", "));
}

void replace_all(std::string& text, std::string_view from, std::string_view to) {
  if (from.empty()) return;
  for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
    text.replace(at, from.size(), to);
}

}  // namespace

std::string phase_title(std::string_view name, std::span<const std::string> among) {
  std::string title = short_title(name);
  const bool ambiguous = std::any_of(among.begin(), among.end(),
                                     [&](const auto& other) { return other != name && short_title(other) == title; });
  const std::string connections = parsed(name.substr(0, name.find('+'))).connections;
  if (!ambiguous || connections.empty() || title.find(connections) != std::string::npos) return title;
  return title + " · " + connections;
}

std::string case_title(const std::vector<ShownRunStack>& stacks, std::string_view case_name) {
  const std::size_t slash = case_name.rfind('/');
  if (slash == std::string_view::npos || slash == 0) return std::string(case_name);
  const std::string_view stack = case_name.substr(0, slash);
  const std::string_view mode = case_name.substr(slash + 1);
  const auto found = std::find_if(stacks.begin(), stacks.end(), [&](const auto& s) { return s.name == stack; });
  const std::string title = found == stacks.end() || found->title.empty() ? std::string(stack) : found->title;
  return mode == "single" ? title : title + ", " + words(mode);
}

std::string gate_title(std::string_view gate) { return known_title(kGates, gate).value_or(capitalised(words(gate))); }
std::string failure_title(std::string_view failure) { return known_title(kFailures, failure).value_or(words(failure)); }
std::string bound_title(std::string_view bound) { return known_title(kBounds, bound).value_or(words(bound)); }

std::string outcome_title(std::string_view state, std::size_t failed, std::size_t stacks) {
  std::string end = known_title(kEnds, state).value_or(capitalised(words(state)));
  if (failed == 0) return end;
  return fmt::format("{}; {} of {} failed", end, failed, counted(static_cast<std::int64_t>(stacks), "stack", "stacks"));
}

std::string starter_title(std::string_view trigger, std::string_view schedule) {
  if (!schedule.empty()) return fmt::format("schedule {}", schedule);
  return trigger == "api" ? "API (dashboard or dyno)" : words(trigger);
}

std::string local_stamp(std::string_view local) {
  constexpr std::size_t kTime = std::string_view("YYYY-MM-DDTHH:MM:SS").size();
  constexpr std::size_t kOffset = std::string_view("+HH:MM").size();
  if (local.size() != kTime + kOffset) return std::string(local);
  const auto instant = parse_instant(std::string(local.substr(0, kTime)) + "Z");
  if (!instant) return std::string(local);
  return fmt::format("{} (UTC{})", format_stamp(*instant, std::chrono::seconds(0)), local.substr(kTime));
}

std::string stamp(std::string_view instant) {
  const auto wall = parse_instant(instant);
  if (!wall) return std::string(instant);
  const auto seconds = static_cast<std::time_t>(to_ns(*wall) / 1'000'000'000);
  std::tm local{};
  ::localtime_r(&seconds, &local);
  return format_stamp(*wall, std::chrono::seconds(local.tm_gmtoff));
}

std::string event_sentence(const ShownEvent& event, const std::vector<ShownRunStack>& stacks) {
  std::string text = event.text;
  replace_all(text, event.case_name, case_title(stacks, event.case_name));
  replace_all(text, event.phase, phase_title(event.phase));
  return text;
}

}  // namespace dyno::cli
