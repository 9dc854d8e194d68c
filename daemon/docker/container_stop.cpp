#include "docker/container_stop.h"

#include <fmt/format.h>

#include <algorithm>
#include <mutex>
#include <optional>
#include <thread>

#include "docker/docker_client.h"

namespace dyno::docker {
namespace {

constexpr Nanos kOpenTimeout = std::chrono::seconds(2);
constexpr Nanos kKillTimeout = std::chrono::seconds(10);
constexpr Nanos kPollBesideWait = std::chrono::seconds(5);  // a wait may never return
constexpr Nanos kPollWithoutWait = std::chrono::milliseconds(50);

struct SeenExit {
  MonotonicTime at;
  int exit_code = 0;
};

// One `wait` request on a thread of its own; ends with its object.
class ExitWait {
 public:
  ExitWait(DockerClient& client, Clock& clock, std::string id)
      : client_(client),
        clock_(clock),
        id_(std::move(id)),
        thread_([this](std::stop_token stop) { run(std::move(stop)); }) {}

  void await_open(MonotonicTime deadline) { clock_.wait_until(deadline, opened_.get_token()); }

  // Until the exit or `deadline`. Once the wait itself failed, only the deadline ends it.
  std::optional<SeenExit> await_exit(MonotonicTime deadline) {
    clock_.wait_until(deadline, has_failed() ? std::stop_token() : ended_.get_token());
    const std::lock_guard lock(mutex_);
    return exit_;
  }

  bool has_failed() const {
    const std::lock_guard lock(mutex_);
    return ended_.stop_requested() && !exit_;
  }

 private:
  void run(std::stop_token stop) {
    HttpRequest request;
    request.method = "POST";
    request.path = fmt::format("/containers/{}/wait?condition=not-running", url_encode(id_));
    request.on_head = [this](int) { opened_.request_stop(); };
    request.stop = std::move(stop);
    const CallResult result = client_.call(request, Repeat::never);
    const MonotonicTime at = clock_.now();
    {
      const std::lock_guard lock(mutex_);
      if (result && result->status == 200) {
        if (const auto code = decode_wait(result->body)) exit_ = SeenExit{at, *code};
      }
    }
    ended_.request_stop();
    opened_.request_stop();
  }

  DockerClient& client_;
  Clock& clock_;
  const std::string id_;
  std::stop_source opened_;
  std::stop_source ended_;

  // guarded by mutex_
  mutable std::mutex mutex_;
  std::optional<SeenExit> exit_;

  std::jthread thread_;
};

Status send_signal(DockerClient& client, const std::string& id, const std::string& signal) {
  HttpRequest request;
  request.method = "POST";
  request.path = fmt::format("/containers/{}/kill?signal={}", url_encode(id), url_encode(signal));
  request.timeout = std::chrono::seconds(30);
  const CallResult result = client.call(request, Repeat::never);
  if (!result) {
    // A signal that may have arrived is not sent twice: the wait and the SIGKILL after it settle the matter.
    if (result.error().maybe_done && result.error().error.code != ErrorCode::cancelled) return {};
    return fail(result.error().error);
  }
  if (result->status == 204 || result->status == 409) return {};  // 409: it ended by itself just before
  return fail(answer_error(*result));
}

}  // namespace

Result<ContainerAnswer> inspect(DockerClient& client, const std::string& id) {
  HttpRequest request;
  request.path = fmt::format("/containers/{}/json", url_encode(id));
  request.timeout = std::chrono::seconds(5);
  const auto body = good_body(client.call(request, Repeat::when_harmless));
  if (!body) return fail(body.error());
  return decode_container(*body);
}

Result<ports::StopOutcome> stop_running(DockerClient& client, Clock& clock, const RunningContainer& running,
                                        Nanos grace) {
  ExitWait wait(client, clock, running.id);
  wait.await_open(clock.now() + kOpenTimeout);
  ports::StopOutcome outcome;
  const MonotonicTime signalled = clock.now();
  if (auto sent = send_signal(client, running.id, running.stop_signal.empty() ? "SIGTERM" : running.stop_signal); !sent)
    return fail(sent.error());
  MonotonicTime deadline = signalled + grace;
  while (true) {
    const Nanos poll = wait.has_failed() ? kPollWithoutWait : kPollBesideWait;
    if (const auto exit = wait.await_exit(std::min(deadline, clock.now() + poll))) {
      return ports::StopOutcome{exit->at - signalled, outcome.forced, exit->exit_code};
    }
    const auto seen = inspect(client, running.id);
    if (!seen && seen.error().code != ErrorCode::timed_out) return fail(seen.error());
    if (seen && seen->status.pid == 0)
      return ports::StopOutcome{clock.now() - signalled, outcome.forced, seen->status.exit_code};
    if (clock.now() < deadline) continue;
    if (outcome.forced) return fail(ErrorCode::timed_out, "the container lives on after SIGKILL");
    outcome.forced = true;
    deadline = clock.now() + kKillTimeout;
    if (auto sent = send_signal(client, running.id, "SIGKILL"); !sent) return fail(sent.error());
  }
}

}  // namespace dyno::docker
