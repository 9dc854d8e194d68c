#include "run/present_build.h"

#include <algorithm>
#include <utility>

namespace dyno::run {
namespace {

constexpr std::size_t kPiece = std::size_t{256} << 10U;
constexpr std::size_t kShownLines = 12;
constexpr std::size_t kShownBytes = 4096;

std::vector<std::string> last_lines(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty() && lines.size() < kShownLines) {
    text.remove_suffix(1);  // its line end
    const std::size_t before = text.rfind('\n');
    const std::size_t begin = before == std::string_view::npos ? 0 : before + 1;
    lines.emplace_back(text.substr(begin));
    text = text.substr(0, begin);
  }
  std::reverse(lines.begin(), lines.end());
  std::size_t bytes = 0;
  auto first = lines.end();
  while (first != lines.begin() && (bytes += (first - 1)->size()) <= kShownBytes) --first;
  lines.erase(lines.begin(), first);
  return lines;
}

}  // namespace

PresentBuild::Entry& PresentBuild::begin(const std::string& run_id, model::ImageOwner owner, const std::string& name) {
  const std::lock_guard lock(mutex_);
  Entry& entry = entries_.emplace_back();
  entry.run_id = run_id;
  entry.build.owner = owner;
  entry.build.name = name;
  return entry;
}

void PresentBuild::add(Entry& entry, const ports::BuildLine& line) {
  {
    const std::lock_guard lock(mutex_);
    model::add_line(entry.log, line.text);
    if (!line.step.empty()) entry.build.step = line.step;
    entry.build.lines = entry.log.lines;
    entry.build.bytes = entry.log.told_bytes();
  }
  changed_.notify_all();
}

std::optional<model::BuildLogged> PresentBuild::told(const Entry& entry, model::BuildState state,
                                                     Nanos duration) const {
  std::optional<model::BuildLogged> event;
  {
    const std::lock_guard lock(mutex_);
    if (!entry.is_told()) return std::nullopt;
    event = model::BuildLogged{entry.build, entry.log};
  }
  event->build.state = state;
  event->build.duration = duration;
  model::trim(event->log);
  return event;
}

void PresentBuild::end(Entry& entry) {
  {
    const std::lock_guard lock(mutex_);
    entries_.remove_if([&entry](const Entry& one) { return &one == &entry; });
  }
  changed_.notify_all();
}

std::optional<model::LiveBuild> PresentBuild::look() const {
  const std::lock_guard lock(mutex_);
  const auto first = std::find_if(entries_.begin(), entries_.end(), [](const Entry& one) { return one.is_told(); });
  if (first == entries_.end()) return std::nullopt;
  const auto& log = first->log;
  return model::LiveBuild{first->run_id, first->build,
                          last_lines(log.tail.text.empty() ? log.head.text : log.tail.text)};
}

std::vector<model::Build> PresentBuild::builds(std::string_view run_id) const {
  const std::lock_guard lock(mutex_);
  std::vector<model::Build> builds;
  for (const Entry& one : entries_) {
    if (one.is_told() && one.run_id == run_id) builds.push_back(one.build);
  }
  return builds;
}

std::optional<model::LogPiece> PresentBuild::read(std::string_view run_id, std::string_view name, std::int64_t from,
                                                  std::chrono::milliseconds wait, std::stop_token stop) const {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, std::move(stop), wait, [&] {
    const Entry* const entry = find(run_id, name);
    return entry == nullptr || entry->log.told_bytes() > from;
  });
  const Entry* const entry = find(run_id, name);
  if (entry == nullptr) return std::nullopt;
  return model::piece_of(entry->log, from, kPiece);
}

const PresentBuild::Entry* PresentBuild::find(std::string_view run_id, std::string_view name) const {
  for (const Entry& one : entries_) {
    if (one.is_told() && one.run_id == run_id && one.build.name == name) return &one;
  }
  return nullptr;
}

}  // namespace dyno::run
