#include "fakes/fake_docker_world.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"

namespace dyno::fakes {
namespace {

WireAnswer message(int status, std::string_view text) { return {status, fmt::format(R"({{"message":"{}"}})", text)}; }

int minor_of(std::string_view version) { return static_cast<int>(parse_int(split(version, '.').back()).value_or(0)); }

std::string query_value(std::string_view query, std::string_view name) {
  for (const std::string_view part : split(query, '&')) {
    if (part.starts_with(name) && part.size() > name.size() && part[name.size()] == '=')
      return std::string(part.substr(name.size() + 1));
  }
  return {};
}

// The value of "Labels" in a create body is echoed as it came: enough to recognise one's own.
std::string labels_of(const std::string& create_body) {
  const std::size_t at = create_body.find("\"Labels\":");
  if (at == std::string::npos) return "{}";
  const std::size_t begin = at + 9;
  return create_body.substr(begin, create_body.find('}', begin) - begin + 1);
}

std::string inspect_json(const WireContainer& c) {
  const bool running = c.state == "running";
  return fmt::format(
      R"({{"Id":"{}","Name":"/{}","State":{{"Status":"{}","Running":{},"Pid":{},"ExitCode":{},"OOMKilled":false,"Error":"","StartedAt":"0001-01-01T00:00:00Z"}},"Config":{{"StopSignal":"SIGTERM","Labels":{}}},"NetworkSettings":{{"Networks":{{}}}}}})",
      c.id, c.name, c.state, running, running ? 4242 : 0, c.exit_code, labels_of(c.create_body));
}

}  // namespace

WireAnswer FakeDockerWorld::answer(const WireRequest& request) {
  const std::lock_guard lock(mutex_);
  if (request.path == "/_ping") return {200, "OK", "text/plain; charset=utf-8"};
  if (request.path == "/version") {
    return {200, fmt::format(R"({{"Version":"99.9","ApiVersion":"{}","MinAPIVersion":"{}"}})", newest_, oldest_)};
  }
  if (!request.version.empty() && minor_of(request.version) > minor_of(newest_)) {
    return message(400, fmt::format("client version {} is too new. Maximum supported API version is {}",
                                    request.version, newest_));
  }
  if (!request.version.empty() && minor_of(request.version) < minor_of(oldest_)) {
    return {400,
            fmt::format("client version {} is too old. Minimum supported API version is {}", request.version, oldest_),
            "text/plain"};
  }
  if (request.path == "/info") return {200, R"({"Driver":"overlay2","CgroupVersion":"2","NCPU":2,"MemTotal":1024})"};
  if (request.path == "/build") return {200, build_};
  if (request.path == "/networks" || request.path == "/images/json" || request.path == "/containers/json")
    return {200, "[]"};
  if (request.path.starts_with("/images/") && request.path.ends_with("/json"))
    return {200, fmt::format(R"({{"Id":"{}","Size":1}})", split(request.path, '/')[2])};
  if (request.path == "/containers/create") return create(request);
  if (request.path.starts_with("/containers/")) return container_answer(request);
  return message(404, "page not found");
}

WireAnswer FakeDockerWorld::create(const WireRequest& request) {
  const std::string name = query_value(request.query, "name");
  if (find(name) != nullptr) return message(409, "Conflict. The container name is already in use");
  containers_.push_back({fmt::format("{:064x}", ++ids_), name, request.body, "created", 0, log_});
  return {201, fmt::format(R"({{"Id":"{}","Warnings":[]}})", containers_.back().id)};
}

WireAnswer FakeDockerWorld::container_answer(const WireRequest& request) {
  const auto parts = split(request.path, '/');  // "", containers, id, verb
  const std::string_view verb = parts.size() > 3 ? parts[3] : std::string_view();
  WireContainer* const c = find(std::string(parts[2]));
  if (c == nullptr) return message(404, "No such container");
  if (request.method == "DELETE") {
    std::erase_if(containers_, [id = c->id](const WireContainer& other) { return other.id == id; });
    changed_.notify_all();
    return {204, ""};
  }
  if (verb == "json") return {200, inspect_json(*c)};
  if (verb == "logs") return {200, c->log, "application/vnd.docker.raw-stream"};
  if (verb == "start") {
    if (c->state == "running") return {304, ""};
    c->state = "running";
    return {204, ""};
  }
  if (verb == "kill") {
    if (c->state != "running") return message(409, "Container is not running");
    c->state = "exited";
    c->exit_code = request.query.find("KILL") == std::string::npos ? 0 : 137;
    changed_.notify_all();
    return {204, ""};
  }
  return message(404, "page not found");
}

WireAnswer FakeDockerWorld::await_exit(const WireRequest& request, std::stop_token stop) {
  const std::string id(split(request.path, '/')[2]);
  std::unique_lock lock(mutex_);
  changed_.wait(lock, stop, [&] {
    const WireContainer* const c = find(id);
    return c == nullptr || c->state != "running";
  });
  const WireContainer* const c = find(id);
  return {200, fmt::format(R"({{"StatusCode":{}}})", c == nullptr ? 0 : c->exit_code)};
}

void FakeDockerWorld::set_window(std::string newest, std::string oldest) {
  const std::lock_guard lock(mutex_);
  newest_ = std::move(newest);
  oldest_ = std::move(oldest);
}

std::string FakeDockerWorld::newest() const {
  const std::lock_guard lock(mutex_);
  return newest_;
}

std::vector<WireContainer> FakeDockerWorld::containers() const {
  const std::lock_guard lock(mutex_);
  return containers_;
}

void FakeDockerWorld::set_log(const std::string& framed) {
  const std::lock_guard lock(mutex_);
  log_ = framed;
  for (WireContainer& c : containers_) c.log = framed;
}

void FakeDockerWorld::set_build(std::string stream) {
  const std::lock_guard lock(mutex_);
  build_ = std::move(stream);
}

WireContainer* FakeDockerWorld::find(const std::string& id) {
  const auto found = std::find_if(containers_.begin(), containers_.end(),
                                  [&](const WireContainer& c) { return c.id == id || c.name == id; });
  return found == containers_.end() ? nullptr : &*found;
}

}  // namespace dyno::fakes
