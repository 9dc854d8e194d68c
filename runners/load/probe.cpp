#include "runners/load/modes.h"

#include <cstdint>
#include <optional>
#include <string>

#include <fmt/format.h>
#include <unistd.h>

#include "runners/load/clock.h"
#include "runners/load/load_spec.h"
#include "runners/load/place.h"
#include "runners/load/plain_connection.h"
#include "runners/load/protocol_io.h"

namespace dyno::loadgen {
namespace {

constexpr std::int64_t kEveryNs = 1'000'000;
// A connect that neither succeeds nor fails met no server and no refusal; another try costs little.
constexpr std::int64_t kConnectNs = 50'000'000;
// Servers that listen before they serve answer late, on this very connection.
constexpr std::int64_t kAnswerNs = 2'000'000'000;

constexpr std::int64_t kTroubleEveryNs = 100'000'000;

struct ProbeSpec {
  Target target;
  std::string path;
  std::string deep_path;
  std::vector<int> cpus;
};

Result<ProbeSpec> read_spec(const std::vector<Line>& lines) {
  ProbeSpec spec;
  bool has_path = false;
  for (const Line& line : lines) {
    if (line.word() == "target") {
      const Result<Target> target = read_target(line);
      if (!target) return fail(target.error());
      spec.target = *target;
      continue;
    }
    if (line.word() != "probe")
      return fail(ErrorCode::protocol, fmt::format("\"{}\" is not known in a probe", line.word()));
    LineReader reader(line);
    spec.path = reader.text("path");  // empty: an accepted connect is good
    has_path = true;
    spec.deep_path = reader.text_or("deep_path", "");
    auto cpus = read_cpu_list(reader);
    const Status status = reader.finish();
    if (!status) return fail(status.error());
    if (!cpus) return fail(cpus.error());
    spec.cpus = std::move(*cpus);
  }
  if (spec.target.port == 0 || !has_path) return fail(ErrorCode::protocol, "a probe needs a target and a path");
  return spec;
}

class Prober {
 public:
  Prober(const ProbeSpec& spec, const SocketAddress& address, const LineInput& input)
      : spec_(spec), address_(address), input_(input) {}

  void run() {
    if (!await_good(spec_.path, "good")) return tell("stopped");
    if (!spec_.deep_path.empty() && !await_good(spec_.deep_path, "deep")) return tell("stopped");
    tell("done");
  }

 private:
  // Tries until the path answers 2xx, or without one a connect is accepted, and reports when; false: input has ended.
  bool await_good(const std::string& path, std::string_view word) {
    for (std::int64_t next = monotonic_ns(); !input_.has_ended(); sleep_until(next)) {
      const std::int64_t begun = monotonic_ns();
      const bool accepted = attempt(path);
      if (++attempts_ == 1) put(Line("probing").add("t_ns", monotonic_ns()).text());
      if (good_at_ != 0) {
        // Within the gap the server may have been good without being asked: the error of the time, at most.
        put(Line(std::string(word)).add("t_ns", good_at_).add("gap_ns", begun - failed_at_.value_or(begun)).text());
        good_at_ = 0;
        return true;
      }
      const std::int64_t now = monotonic_ns();
      failed_at_ = now;
      // A missed millisecond is not made up for: the next attempt is one interval after the last was due, or at once.
      next = accepted ? now + probe_pause_ns(now - *accepted_at_) : std::max(next + kEveryNs, now);
    }
    return false;
  }

  // True: a connection was accepted.
  bool attempt(const std::string& path) {
    PlainConnection connection;
    const Status connected = connection.connect(address_, monotonic_ns() + kConnectNs);
    if (!connected) {
      trouble(0, connected.error().message);
      return false;
    }
    const std::int64_t now = monotonic_ns();
    if (!accepted_at_) put(Line("connected").add("t_ns", now).text());
    if (!accepted_at_) accepted_at_ = now;
    if (path.empty()) {
      good_at_ = now;
      return true;
    }
    const std::string host =
        spec_.target.address.find(':') == std::string::npos ? spec_.target.address : "[" + spec_.target.address + "]";
    const std::string request =
        fmt::format("GET {} HTTP/1.1\r\nHost: {}:{}\r\nConnection: close\r\n\r\n", path, host, spec_.target.port);
    const Status sent = connection.send(request, now + kAnswerNs);
    const Result<PlainAnswer> answer = connection.read_answer(false, now + kAnswerNs);
    if (answer && answer->status / 100 == 2) {
      good_at_ = monotonic_ns();
    } else if (answer) {
      trouble(answer->status, "");
    } else {
      trouble(0, answer.error().message);
    }
    return true;
  }

  // Told when it changes, and not more often than a person could read: whoever gives up waiting wants to know why.
  void trouble(int status, const std::string& error) {
    const bool changed = (status != 0 && status != last_status_) || (!error.empty() && error != last_error_);
    if (status != 0) last_status_ = status;
    if (!error.empty()) last_error_ = error;
    untold_ = untold_ || changed;
    const std::int64_t since_ns = monotonic_ns() - told_ns_;
    if (attempts_ == 0 || since_ns < (untold_ ? kTroubleEveryNs : 10 * kTroubleEveryNs)) return;
    told_ns_ += since_ns;
    untold_ = false;
    tell("trouble");
  }

  void tell(std::string word) const {
    put(Line(std::move(word))
            .add("attempts", attempts_)
            .add("last_status", last_status_)
            .add("last_error", last_error_)
            .text());
  }

  static void sleep_until(std::int64_t when_ns) {
    const timespec when{when_ns / 1'000'000'000, when_ns % 1'000'000'000};
    clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &when, nullptr);
  }

  const ProbeSpec& spec_;
  const SocketAddress& address_;
  const LineInput& input_;
  std::int64_t attempts_ = 0;
  std::int64_t good_at_ = 0;
  std::optional<std::int64_t> failed_at_;    // end of the last attempt without a good answer
  std::optional<std::int64_t> accepted_at_;  // the first connection
  int last_status_ = 0;
  std::string last_error_;
  bool untold_ = false;
  std::int64_t told_ns_ = 0;
};

}  // namespace

Status probe_mode() {
  LineInput input(STDIN_FILENO);
  const auto lines = read_until(input, "go");
  if (!lines) return fail(lines.error());
  const auto spec = read_spec(*lines);
  if (!spec) return fail(spec.error());
  const Result<SocketAddress> address = socket_address(spec->target);
  if (!address) return fail(address.error());
  Status placed = enter_network_namespace(spec->target.netns);
  if (!placed) return placed;
  Status pinned = pin_to_cpus(spec->cpus);
  if (!pinned) return pinned;
  sharpen_timers();
  Prober(*spec, *address, input).run();
  return {};
}

}  // namespace dyno::loadgen
