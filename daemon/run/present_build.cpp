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

void PresentBuild::begin(const std::string& run_id, model::ImageOwner owner, const std::string& name) {
  const std::lock_guard lock(mutex_);
  run_id_ = run_id;
  build_ = {};
  build_.owner = owner;
  build_.name = name;
  log_ = {};
}

void PresentBuild::add(const ports::BuildLine& line) {
  {
    const std::lock_guard lock(mutex_);
    model::add_line(log_, line.text);
    if (!line.step.empty()) build_.step = line.step;
    build_.lines = log_.lines;
    build_.bytes = log_.told_bytes();
  }
  changed_.notify_all();
}

std::optional<model::BuildLogged> PresentBuild::told(model::BuildState state, Nanos duration) const {
  std::optional<model::BuildLogged> event;
  {
    const std::lock_guard lock(mutex_);
    if (!is_told()) return std::nullopt;
    event = model::BuildLogged{build_, log_};
  }
  event->build.state = state;
  event->build.duration = duration;
  model::trim(event->log);
  return event;
}

void PresentBuild::end() {
  {
    const std::lock_guard lock(mutex_);
    run_id_.clear();
    log_ = {};
  }
  changed_.notify_all();
}

std::optional<model::LiveBuild> PresentBuild::look() const {
  const std::lock_guard lock(mutex_);
  if (!is_told()) return std::nullopt;
  return model::LiveBuild{run_id_, build_, last_lines(log_.tail.text.empty() ? log_.head.text : log_.tail.text)};
}

std::optional<model::LogPiece> PresentBuild::read(std::string_view run_id, std::string_view name, std::int64_t from,
                                                  std::chrono::milliseconds wait, std::stop_token stop) const {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, std::move(stop), wait, [&] { return !is(run_id, name) || log_.told_bytes() > from; });
  if (!is(run_id, name)) return std::nullopt;
  return model::piece_of(log_, from, kPiece);
}

bool PresentBuild::is(std::string_view run_id, std::string_view name) const {
  return is_told() && run_id_ == run_id && build_.name == name;
}

}  // namespace dyno::run
