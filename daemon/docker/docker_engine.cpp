#include "docker/docker_engine.h"

#include <fmt/format.h>

#include <algorithm>

#include "docker/container_stop.h"
#include "docker/context_archive.h"
#include "docker/docker_client.h"
#include "docker/engine_api.h"
#include "docker/engine_machine.h"
#include "docker/image_calls.h"
#include "docker/streams.h"

namespace dyno::docker {
namespace {

constexpr Nanos kInspectTimeout = std::chrono::seconds(5);
constexpr Nanos kCreateTimeout = std::chrono::seconds(30);
constexpr Nanos kStartTimeout = std::chrono::seconds(60);
constexpr Nanos kListTimeout = std::chrono::seconds(30);
constexpr Nanos kRemoveTimeout = std::chrono::seconds(60);
constexpr Nanos kSameClock = std::chrono::seconds(2);
constexpr Bytes kExecOutputLimit = kib(16);
constexpr int kStartAttempts = 4;
constexpr Nanos kFirstStartPause = std::chrono::milliseconds(100);
constexpr Nanos kExitPoll = std::chrono::milliseconds(10);
constexpr Nanos kRemovalPoll = std::chrono::milliseconds(100);
constexpr Nanos kRemovalPatience = std::chrono::seconds(10);  // with an engine that answers a removal with 500

// A container that ends by itself while the engine kills it makes engines answer 500 ("could not kill", "device or resource
// busy"), and 409 while another removal of it goes on: both pass.
bool may_pass(const Error& error) {
  return error.code == ErrorCode::conflict || error.code == ErrorCode::io || error.code == ErrorCode::storage;
}

std::string container_path(const std::string& id, std::string_view rest) {
  return fmt::format("/containers/{}{}", url_encode(id), rest);
}

HttpRequest post(std::string path, std::string_view body, Nanos timeout) {
  HttpRequest request;
  request.method = "POST";
  request.path = std::move(path);
  request.body = body;
  request.timeout = timeout;
  return request;
}

}  // namespace

Result<ports::EngineDescription> DockerEngine::describe() {
  const auto version = client_.version();
  if (!version) return fail(version.error());
  // The engine counts containers and disks for this answer: slower than an inspect.
  const WallTime asked = clock_.wall_now();
  const auto info = get("/info", kListTimeout);
  if (!info) return fail(info.error(), "asking the engine about itself");
  const WallTime answered = clock_.wall_now();
  auto description = decode_info(*info);
  if (!description) return description;
  description->engine = version->engine;
  description->api_version = to_string(version->api);
  description->open_files_max = version->open_files_max;
  if (const auto engine_time = decode_system_time(*info)) {
    // It reads its clock somewhere in between, and says the second alone.
    const bool is_ahead = *engine_time > answered + kSameClock;
    const bool is_behind = *engine_time < asked - kSameClock;
    if (is_ahead || is_behind) description->clock_ahead = *engine_time - (asked + (answered - asked) / 2);
  }
  clock_ahead_ = description->clock_ahead;
  return description;
}

// ---- images ----

Result<ports::ImageDescription> DockerEngine::inspect_image(const std::string& name_or_id) {
  const auto body = get(fmt::format("/images/{}/json", url_encode(name_or_id)), kInspectTimeout);
  if (!body) return fail(body.error(), fmt::format("looking for image \"{}\"", name_or_id));
  return decode_image(*body);
}

Result<ports::BuildContext> DockerEngine::pack_context(const std::string& folder, const std::string& dockerfile,
                                                       std::stop_token stop) {
  return docker::pack_context(folder, dockerfile, stop);
}

Result<ports::BuildOutcome> DockerEngine::build_image(const ports::BuildContext& context,
                                                      const ports::BuildRequest& request, const ports::BuildLog& log,
                                                      std::stop_token stop) {
  const auto machine = describe();
  if (!machine) return fail(machine.error());
  return build(client_, clock_, {context, request, *machine, log}, std::move(stop));
}

Status DockerEngine::pull_image(const std::string& name, const ports::BuildLog& log, std::stop_token stop) {
  return pull(client_, name, log, std::move(stop));
}

Result<std::string> DockerEngine::import_program(const std::string& program_path, const std::string& tag,
                                                 const std::map<std::string, std::string>& labels) {
  auto id = import(client_, program_path, tag, labels);
  if (!id) return fail(id.error(), fmt::format("making the image \"{}\"", tag));
  return id;
}

Result<ports::EvictionOutcome> DockerEngine::evict_image(const std::string& name_or_id) {
  const auto context = [&] { return fmt::format("evicting image \"{}\" from the page cache", name_or_id); };
  const auto body = get(fmt::format("/images/{}/json", url_encode(name_or_id)), kInspectTimeout);
  if (!body) return fail(body.error(), context());
  const auto folders = decode_image_folders(*body);
  if (!folders) return fail(folders.error(), context());
  auto outcome = evict_files(*folders);
  if (!outcome) return fail(outcome.error(), context());
  return outcome;
}

Status DockerEngine::remove_image(const std::string& name_or_id) {
  auto removed = remove(fmt::format("/images/{}", url_encode(name_or_id)), kRemoveTimeout);
  if (!removed) return fail(removed.error(), fmt::format("removing image \"{}\"", name_or_id));
  return removed;
}

// ---- networks ----

Result<std::string> DockerEngine::create_network(const std::string& name,
                                                 const std::map<std::string, std::string>& labels) {
  const std::string body = network_body(name, labels);
  const CallResult result = client_.call(post("/networks/create", body, kCreateTimeout), Repeat::when_harmless);
  if (result && result->status == 409) return adopt_network(name, labels, answer_error(*result));
  const auto answer = good_body(result);
  if (!answer) return fail(answer.error(), fmt::format("creating network \"{}\"", name));
  return decode_id(*answer);
}

Result<std::string> DockerEngine::adopt_network(const std::string& name,
                                                const std::map<std::string, std::string>& labels, const Error& taken) {
  const auto body = get("/networks?filters=" + url_encode(name_filter(name)), kListTimeout);
  if (!body) return fail(body.error());
  const auto networks = decode_networks(*body);
  if (!networks) return fail(networks.error());
  for (const ports::OwnedObject& network : *networks) {
    if (network.name == name && network.labels == labels) return network.id;
  }
  return fail(taken, fmt::format("creating network \"{}\"", name));
}

Status DockerEngine::remove_network(const std::string& id) {
  auto removed = remove(fmt::format("/networks/{}", url_encode(id)), kRemoveTimeout);
  if (!removed) return fail(removed.error(), "removing the network");
  return removed;
}

// ---- containers ----

Result<std::string> DockerEngine::create_container(const ports::ContainerSpec& asked) {
  const auto named = [&asked] { return fmt::format("creating container \"{}\"", asked.name); };
  const auto version = client_.version();
  if (!version) return fail(version.error(), named());
  const auto image = inspect_image(asked.image_id);
  if (!image) return fail(image.error(), named());
  auto fit = fitted(asked, *image);
  if (!fit) return fail(fit.error(), named());
  ports::ContainerSpec& spec = *fit;
  spec.open_files = std::min(spec.open_files, version->open_files_max.value_or(spec.open_files));
  const auto body = container_body(spec);
  if (!body) return fail(body.error(), named());
  const CallResult result = client_.call(
      post("/containers/create?name=" + url_encode(spec.name), *body, kCreateTimeout), Repeat::when_harmless);
  if (result && result->status == 409) return adopt_container(spec, answer_error(*result));
  const auto answer = good_body(result);
  if (!answer) return fail(answer.error(), named());
  auto id = decode_id(*answer);
  if (!id) return fail(id.error(), named());
  return id;
}

Result<std::string> DockerEngine::adopt_container(const ports::ContainerSpec& spec, const Error& taken) {
  const auto there = inspect(client_, spec.name);
  if (!there) return fail(there.error(), fmt::format("creating container \"{}\"", spec.name));
  const auto hash = there->labels.find(std::string(kConfigLabel));
  const bool ours = hash != there->labels.end() && hash->second == config_hash(spec);
  if (ours && there->status.state == "created") return there->id;
  return fail(taken, fmt::format("creating container \"{}\"", spec.name));
}

Status DockerEngine::copy_into(const std::string& id, const std::vector<ports::CopiedFile>& files) {
  const auto archive = archive_files(files);
  if (!archive) return fail(archive.error(), "copying files into the container");
  HttpRequest request = post(container_path(id, "/archive?path=/&noOverwriteDirNonDir=1"), *archive, kCreateTimeout);
  request.method = "PUT";
  request.content_type = "application/x-tar";
  const auto done = good_body(client_.call(request, Repeat::when_harmless));
  if (!done) return fail(done.error(), "copying files into the container");
  return {};
}

Status DockerEngine::start_container(const std::string& id) {
  Nanos pause = kFirstStartPause;
  for (int attempt = 1;; ++attempt) {
    const CallResult result = client_.call(post(container_path(id, "/start"), {}, kStartTimeout), Repeat::never);
    if (result && (result->status == 204 || result->status == 304)) return {};  // 304: it runs already
    const Error error = result ? answer_error(*result) : result.error().error;
    const bool is_refused = result && result->status >= 500;
    if (!is_refused && (result || !result.error().maybe_done)) return fail(error, "starting the container");
    // Never a second start unseen: one that ran and ended would run again. What cannot be started has its reason there.
    const auto seen = inspect(client_, id);
    if (!seen) return fail(error, "starting the container");
    const bool has_begun = seen->status.state != "created";
    if (has_begun) return {};
    if (!is_refused || !seen->status.error.empty() || attempt == kStartAttempts)
      return fail(error, "starting the container");
    wait_for(clock_, pause, {});
    pause *= 3;
  }
}

Result<ports::ContainerStatus> DockerEngine::inspect_container(const std::string& id) {
  auto answer = inspect(client_, id);
  if (!answer) return fail(answer.error(), "inspecting the container");
  return answer->status;
}

Result<ports::StopOutcome> DockerEngine::stop_container(const std::string& id, Nanos grace) {
  const auto there = inspect(client_, id);
  if (!there) return fail(there.error(), "stopping the container");
  if (there->status.pid == 0) return ports::StopOutcome{Nanos(0), false, there->status.exit_code};
  auto stopped = stop_running(client_, clock_, {there->id, there->stop_signal}, grace);
  if (!stopped) return fail(stopped.error(), "stopping the container");
  return stopped;
}

Status DockerEngine::remove_container(const std::string& id) {
  auto removed = remove(container_path(id, "?force=1&v=1"), kRemoveTimeout);
  if (!removed && may_pass(removed.error())) removed = await_removal(id);
  if (!removed) return fail(removed.error(), "removing the container");
  return removed;
}

// A removal that is in progress already ends by itself, or did not happen and is asked for again; one that failed is asked
// for again.
Status DockerEngine::await_removal(const std::string& id) {
  const MonotonicTime begin = clock_.now();
  while (true) {
    const auto seen = inspect(client_, id);
    if (!seen && seen.error().code == ErrorCode::not_found) return {};
    auto again = remove(container_path(id, "?force=1&v=1"), kRemoveTimeout);
    if (again || !may_pass(again.error())) return again;
    const bool is_conflict = again.error().code == ErrorCode::conflict;
    if (!is_conflict && clock_.now() - begin >= kRemovalPatience) return again;
    if (clock_.now() - begin >= kRemoveTimeout) return fail(ErrorCode::timed_out, again.error().message);
    wait_for(clock_, kRemovalPoll, {});
  }
}

Result<std::string> DockerEngine::container_log(const std::string& id, Bytes limit) {
  LogFrames frames(limit);  // nothing of an answer that is no log: it may be asked for again
  HttpRequest request;
  request.path = container_path(id, "/logs?stdout=1&stderr=1&tail=all");
  request.timeout = kListTimeout;
  bool framed = true;
  request.on_body = [&](std::string_view chunk) { return framed = frames.feed(chunk); };
  const CallResult result = client_.call(request, Repeat::when_refused);
  if (!framed) return frames.text();  // all good frames before the bad one
  const auto body = good_body(result);
  if (!body) return fail(body.error(), "reading the container's output");
  return frames.text();
}

Status DockerEngine::follow_log(const std::string& id, const std::function<bool(const ports::LoggedLine&)>& on_line,
                                Nanos timeout, std::stop_token stop) {
  bool goes_on = true;
  LogLines lines([&](const ports::LoggedLine& line) {
    return goes_on = on_line({line.text, line.at - clock_ahead_.load()});
  });
  HttpRequest request;
  request.path = container_path(id, "/logs?stdout=1&stderr=1&follow=1&timestamps=1&tail=all");
  request.timeout = timeout;
  request.on_body = [&](std::string_view chunk) { return lines.feed(chunk); };
  request.stop = std::move(stop);
  const auto body = good_body(client_.call(request, Repeat::when_refused));
  if (!goes_on) return {};
  if (!body) return fail(body.error(), "following the container's output");
  return {};
}

Result<Bytes> DockerEngine::logged_since(const std::string& id, WallTime since) {
  LogFrames frames(Bytes{0});
  HttpRequest request;
  since += clock_ahead_.load();  // the engine compares it with its own
  constexpr std::int64_t kSecond = 1'000'000'000;
  request.path = container_path(id, fmt::format("/logs?stdout=1&stderr=1&tail=all&since={}.{:09}",
                                                to_ns(since) / kSecond, to_ns(since) % kSecond));
  request.timeout = kListTimeout;
  request.on_body = [&](std::string_view chunk) { return frames.feed(chunk); };
  const auto body = good_body(client_.call(request, Repeat::when_refused));
  if (!body) return fail(body.error(), "reading the container's output");
  return frames.size();
}

Result<ports::ExecOutcome> DockerEngine::exec(const std::string& id, const std::vector<std::string>& command,
                                              Nanos timeout, std::stop_token stop) {
  constexpr const char* kContext = "running a command in the container";
  const std::string body = exec_body(command);
  const auto made =
      good_body(client_.call(post(container_path(id, "/exec"), body, kCreateTimeout), Repeat::when_harmless));
  if (!made) return fail(made.error(), kContext);
  const auto exec_id = decode_id(*made);
  if (!exec_id) return fail(exec_id.error(), kContext);
  const std::string path = "/exec/" + url_encode(*exec_id);
  // The answer is the command's output, and ends with it.
  LogFrames frames(kExecOutputLimit);
  HttpRequest request = post(path + "/start", R"({"Detach":false,"Tty":false})", timeout);
  request.on_body = [&frames](std::string_view chunk) { return frames.feed(chunk); };
  request.stop = std::move(stop);
  const auto ran = good_body(client_.call(request, Repeat::never));
  if (!ran) return fail(ran.error(), kContext);
  const auto exit_code = await_exit_code(path);
  if (!exit_code) return fail(exit_code.error(), kContext);
  return ports::ExecOutcome{*exit_code, frames.text()};
}

// The output ends a moment before the engine knows with which code.
Result<int> DockerEngine::await_exit_code(const std::string& exec_path) {
  const MonotonicTime deadline = clock_.now() + kInspectTimeout;
  while (true) {
    const auto seen = get(exec_path + "/json", kInspectTimeout);
    if (!seen) return fail(seen.error());
    const auto exit_code = decode_exec(*seen);
    if (!exit_code) return fail(exit_code.error());
    if (*exit_code) return **exit_code;
    if (clock_.now() >= deadline) return fail(ErrorCode::timed_out, "its output ended, but it is still running");
    wait_for(clock_, kExitPoll, {});
  }
}

// ---- all of ours ----

Result<std::vector<ports::OwnedObject>> DockerEngine::list_labelled(const std::string& label,
                                                                    const std::string& value) {
  const std::string filter = url_encode(label_filter(label, value));
  struct List {
    std::string path;
    Result<std::vector<ports::OwnedObject>> (*decode)(std::string_view);
  };
  // Without all=1 created and ended containers would be invisible.
  const List lists[] = {{"/containers/json?all=1&filters=", &decode_containers},
                        {"/networks?filters=", &decode_networks},
                        {"/images/json?filters=", &decode_images}};
  std::vector<ports::OwnedObject> objects;
  for (const List& list : lists) {
    const auto body = get(list.path + filter, kListTimeout);
    if (!body) return fail(body.error(), "listing our containers and networks");
    auto decoded = list.decode(*body);
    if (!decoded) return decoded;
    objects.insert(objects.end(), std::make_move_iterator(decoded->begin()), std::make_move_iterator(decoded->end()));
  }
  return objects;
}

// ---- inside ----

Result<std::string> DockerEngine::get(const std::string& path, Nanos timeout) {
  HttpRequest request;
  request.path = path;
  request.timeout = timeout;
  return good_body(client_.call(request, Repeat::when_harmless));
}

Status DockerEngine::remove(const std::string& path, Nanos timeout) {
  HttpRequest request;
  request.method = "DELETE";
  request.path = path;
  request.timeout = timeout;
  const auto body = good_body(client_.call(request, Repeat::when_harmless));
  if (body || body.error().code == ErrorCode::not_found) return {};
  return fail(body.error());
}

}  // namespace dyno::docker
