#include "integration/app/soak_watch.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <utility>

namespace dyno::tests {
namespace {

namespace fs = std::filesystem;

// Behind the first third.
std::vector<SoakSample> settled(const std::vector<SoakSample>& samples) {
  return {samples.begin() + static_cast<std::ptrdiff_t>(samples.size() / 3), samples.end()};
}

// MiB per hour, by least squares.
double slope(const std::vector<SoakSample>& samples) {
  const auto n = static_cast<double>(samples.size());
  double sum_x = 0;
  double sum_y = 0;
  for (const SoakSample& s : samples) {
    sum_x += s.hours;
    sum_y += s.anonymous_mib;
  }
  double xy = 0;
  double xx = 0;
  for (const SoakSample& s : samples) {
    xy += (s.hours - sum_x / n) * (s.anonymous_mib - sum_y / n);
    xx += (s.hours - sum_x / n) * (s.hours - sum_x / n);
  }
  return xx > 0 ? xy / xx : 0;
}

int entries_of(const std::string& folder) {
  std::error_code gone;
  int count = 0;
  for (auto it = fs::directory_iterator(folder, gone); !gone && it != fs::directory_iterator(); it.increment(gone))
    ++count;
  return count;
}

}  // namespace

std::vector<std::string> what_grows(const std::vector<SoakSample>& samples, const SoakLimits& limits) {
  if (samples.size() < 9) return {fmt::format("{} samples are too few", samples.size())};
  const std::vector<SoakSample> late = settled(samples);
  const double hours = late.back().hours - late.front().hours;
  std::vector<std::string> words;
  const double rate = slope(late);
  if (rate > limits.mib_per_hour && rate * hours > limits.mib_at_least)
    words.push_back(fmt::format("memory grows by {:.2f} MiB/h, {:.2f} MiB in all", rate, rate * hours));
  // Level against level: a single connection more in the last sample is none.
  const std::size_t part = late.size() / 3;
  const auto least = [&](std::size_t from, int SoakSample::*what) {
    int value = late[from].*what;
    for (std::size_t i = from; i < from + part; ++i) value = std::min(value, late[i].*what);
    return value;
  };
  const auto compare = [&](int SoakSample::*what, int limit, const char* name) {
    const int before = least(0, what);
    const int after = least(late.size() - part, what);
    if (after - before > limit) words.push_back(fmt::format("{} grow from {} to {}", name, before, after));
  };
  compare(&SoakSample::descriptors, limits.descriptors, "descriptors");
  compare(&SoakSample::threads, limits.threads, "threads");
  for (const SoakSample& s : samples) {
    if (s.log_mib <= limits.log_mib) continue;
    words.push_back(fmt::format("the database's log had {:.1f} MiB", s.log_mib));
    break;
  }
  return words;
}

void SoakWatch::look() {
  SoakSample sample;
  sample.hours = std::chrono::duration<double, std::ratio<3600>>(std::chrono::steady_clock::now() - begin_).count();
  std::ifstream status(fmt::format("/proc/{}/status", pid_));
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("RssAnon:")) sample.anonymous_mib = std::atof(line.c_str() + 8) / 1024;
    if (line.starts_with("Threads:")) sample.threads = std::atoi(line.c_str() + 8);
  }
  sample.descriptors = entries_of(fmt::format("/proc/{}/fd", pid_));
  std::error_code none;
  const auto bytes = log_.empty() ? 0 : fs::file_size(log_, none);
  sample.has_log = !log_.empty() && !none;
  if (sample.has_log) sample.log_mib = static_cast<double>(bytes) / (1 << 20);
  samples_.push_back(sample);
}

std::string SoakWatch::describe() const {
  if (samples_.size() < 3) return "nothing was watched";
  const std::vector<SoakSample> late = settled(samples_);
  const SoakSample& a = late.front();
  const SoakSample& b = late.back();
  double log_mib = 0;
  for (const SoakSample& s : samples_) log_mib = std::max(log_mib, s.log_mib);
  return fmt::format(
      "{} samples in {:.1f} min; after the first third: memory {:.2f} to {:.2f} MiB ({:+.2f} MiB/h), descriptors {} to "
      "{}, threads "
      "{} to {}; the database's log at most {:.1f} MiB",
      samples_.size(), b.hours * 60, a.anonymous_mib, b.anonymous_mib, slope(late), a.descriptors, b.descriptors,
      a.threads, b.threads, log_mib);
}

std::chrono::seconds soak_time(std::chrono::seconds otherwise) {
  const char* const asked = std::getenv("DYNO_SOAK_MINUTES");
  return asked == nullptr ? otherwise : std::chrono::seconds(std::chrono::minutes(std::atoi(asked)));
}

}  // namespace dyno::tests
