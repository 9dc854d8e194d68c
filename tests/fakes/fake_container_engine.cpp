#include "fakes/fake_container_engine.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>

#include "base/sha256.h"

namespace dyno::fakes {
namespace {

bool labels_equal(const ports::ContainerSpec& a, const ports::ContainerSpec& b) {
  return a.labels == b.labels && a.image_id == b.image_id && a.entrypoint == b.entrypoint && a.command == b.command &&
         a.env == b.env;
}

std::string last_bytes(const std::string& text, Bytes limit) {
  const auto keep = static_cast<std::size_t>(std::max<std::int64_t>(0, limit.value));
  return text.size() <= keep ? text : text.substr(text.size() - keep);
}

// As engines have it.
bool is_container_name(const std::string& name) {
  const auto is_plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  };
  return name.size() > 1 && is_plain(name.front()) &&
         std::all_of(name.begin(), name.end(), [&](char c) { return is_plain(c) || c == '_' || c == '.' || c == '-'; });
}

bool is_root(const std::string& user) {
  const std::string name = user.substr(0, user.find(':'));
  return name == "root" || name == "0";
}

// Names and bytes of all files, sorted.
std::string files_of(const std::string& folder) {
  std::map<std::string, std::string> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (!entry.is_regular_file()) continue;
    std::ifstream in(entry.path(), std::ios::binary);
    files[entry.path().lexically_relative(folder).string()] = {std::istreambuf_iterator<char>(in), {}};
  }
  std::string all;
  for (const auto& [name, bytes] : files) all += name + "\n" + bytes + "\n";
  return all;
}

// ENTRYPOINT as a text for the shell.
std::vector<std::string> entrypoint_in(const std::string& dockerfile) {
  const std::size_t at = dockerfile.find("\nENTRYPOINT ");
  if (at == std::string::npos) return {};
  return {"/bin/sh", "-c", dockerfile.substr(at + 12, dockerfile.find('\n', at + 1) - at - 12)};
}

std::map<std::string, std::string> labels_in(const ports::BuildContext& context) {
  std::string text(context.bytes.size(), '\0');
  const auto got = context.bytes.read_at(0, text);
  std::map<std::string, std::string> labels;
  std::istringstream lines(got ? text : "");
  for (std::string line; std::getline(lines, line);) {
    const std::size_t equals = line.find('=');
    if (line.starts_with("LABEL ") && equals != std::string::npos)
      labels[line.substr(6, equals - 6)] = line.substr(equals + 1);
  }
  return labels;
}

std::vector<FakeContainerEngine::Line> lines_of(const std::string& text) {
  std::vector<FakeContainerEngine::Line> lines;
  std::istringstream all(text);
  for (std::string line; std::getline(all, line);) lines.push_back({line, WallTime{}});
  return lines;
}

std::string base_name(const std::string& path) { return path.substr(path.rfind('/') + 1); }

}  // namespace

// ---- the engine ----

Result<ports::EngineDescription> FakeContainerEngine::describe() {
  const Outcome outcome = enter("describe");
  if (outcome.before) return fail(*outcome.before);
  if (outcome.after) return fail(*outcome.after);
  ports::EngineDescription description;
  description.engine = "Fake 1.0";
  description.api_version = "1.41";
  description.storage_driver = "memory";
  description.cgroup_driver = "none";
  description.cgroup_version = "2";
  description.kernel = "6.1.0";
  description.operating_system = "Test";
  description.cpus = 2;
  description.memory = mib(8192);
  return description;
}

Result<ports::ImageDescription> FakeContainerEngine::inspect_image(const std::string& name_or_id) {
  const Outcome outcome = enter("inspect_image " + name_or_id);
  if (outcome.before) return fail(*outcome.before);
  const std::lock_guard lock(mutex_);
  const Image* const found = image(name_or_id);
  if (found == nullptr) return fail(ErrorCode::not_found, fmt::format("no such image: {}", name_or_id));
  if (outcome.after) return fail(*outcome.after);
  return found->description;
}

Result<ports::EvictionOutcome> FakeContainerEngine::evict_image(const std::string& name_or_id) {
  const Outcome outcome = enter("evict_image " + name_or_id);
  if (outcome.before) return fail(*outcome.before);
  const std::lock_guard lock(mutex_);
  const Image* const found = image(name_or_id);
  if (found == nullptr) return fail(ErrorCode::not_found, fmt::format("no such image: {}", name_or_id));
  if (outcome.after) return fail(*outcome.after);
  return ports::EvictionOutcome{found->description.size, kept_};
}

Result<ports::BuildContext> FakeContainerEngine::pack_context(const std::string& folder, const std::string& dockerfile,
                                                              std::stop_token stop) {
  const Outcome outcome = enter("pack_context " + folder);
  if (stop.stop_requested()) return fail(ErrorCode::cancelled, "the build was cancelled");
  if (outcome.before) return fail(*outcome.before);
  std::string content = folder;
  std::string text;
  if (std::filesystem::is_directory(folder)) {
    if (!std::filesystem::exists(std::filesystem::path(folder) / dockerfile))
      return fail(ErrorCode::not_found, fmt::format("no {} in {}", dockerfile, folder));
    content = files_of(folder);
    std::ifstream in(std::filesystem::path(folder) / dockerfile, std::ios::binary);
    text = {std::istreambuf_iterator<char>(in), {}};
  } else {
    const std::lock_guard lock(mutex_);
    text = contents_[folder];
    content += "\n" + text;
  }
  auto bytes = ScratchFile::create();
  if (!bytes) return fail(bytes.error());
  if (auto written = bytes->append(content); !written) return fail(written.error());
  if (outcome.after) return fail(*outcome.after);
  return ports::BuildContext{dockerfile, std::move(text), sha256_hex(content), std::move(*bytes)};
}

Status FakeContainerEngine::pull_image(const std::string& name, const ports::BuildLog& log, std::stop_token stop) {
  const Outcome outcome = enter("pull_image " + name);
  if (stop.stop_requested()) return fail(ErrorCode::cancelled, "the pull was cancelled");
  if (outcome.before) return fail(*outcome.before);
  {
    const std::lock_guard lock(mutex_);
    const auto offered = registry_.find(name);
    if (offered == registry_.end())
      return fail(ErrorCode::not_found, "Get \"https://registry.example/v2/\": no such host");
    images_.push_back({name, offered->second, ""});
  }
  if (log) log({"Status: Downloaded newer image for " + name, {}});
  if (outcome.after) return fail(*outcome.after);
  return {};
}

Result<ports::BuildOutcome> FakeContainerEngine::build_image(const ports::BuildContext& context,
                                                             const ports::BuildRequest& request,
                                                             const ports::BuildLog& log, std::stop_token stop) {
  const Outcome outcome = enter("build_image " + request.tag);
  if (stop.stop_requested()) return fail(ErrorCode::cancelled, "the build was cancelled");
  if (log) {
    constexpr std::string_view kStep = "Step 1/1 : FROM scratch";
    log({kStep, kStep});
    for (const std::string& line : build_lines_) log({line, kStep});
  }
  if (outcome.before) return fail(*outcome.before);
  std::string id;
  {
    const std::lock_guard lock(mutex_);
    std::map<std::string, std::string> labels = labels_in(context);
    labels.insert(request.labels.begin(), request.labels.end());
    std::string content = context.hash + context.dockerfile;
    for (const auto& [name, value] : request.args) content += name + "=" + value;
    for (const auto& [name, value] : labels) content += name + "=" + value;
    id = "sha256:" + sha256_hex(content);
    std::erase_if(images_, [&](const Image& i) { return i.tag == request.tag; });
    ports::ImageDescription told{.id = id, .size = mib(50), .labels = labels, .repo_digests = {}};
    told.entrypoint = entrypoint_in(context.dockerfile_text);
    images_.push_back({request.tag, std::move(told), ""});
  }
  if (outcome.after) return fail(*outcome.after);
  return ports::BuildOutcome{id, std::chrono::seconds(1)};
}

Result<std::string> FakeContainerEngine::import_program(const std::string& program_path, const std::string& tag,
                                                        const std::map<std::string, std::string>& labels) {
  const Outcome outcome = enter("import_program " + tag);
  if (outcome.before) return fail(*outcome.before);
  const std::string id = "sha256:" + sha256_hex(program_path + tag);
  {
    const std::lock_guard lock(mutex_);
    std::erase_if(images_, [&](const Image& i) { return i.tag == tag; });
    images_.push_back({tag, {id, mib(1), labels, {}}, "/" + base_name(program_path)});
  }
  if (outcome.after) return fail(*outcome.after);
  return id;
}

Status FakeContainerEngine::remove_image(const std::string& name_or_id) {
  const Outcome outcome = enter("remove_image " + name_or_id);
  if (outcome.before) return fail(*outcome.before);
  {
    const std::lock_guard lock(mutex_);
    if (const Image* const found = image(name_or_id)) {
      const std::string id = found->description.id;
      if (std::any_of(containers_.begin(), containers_.end(),
                      [&](const FakeContainer& c) { return c.spec.image_id == id; })) {
        return fail(ErrorCode::conflict, fmt::format("image {} is used by a container", name_or_id));
      }
      std::erase_if(images_, [&](const Image& i) { return i.description.id == id; });
    }
  }
  if (outcome.after) return fail(*outcome.after);
  return {};
}

Result<std::string> FakeContainerEngine::create_network(const std::string& name,
                                                        const std::map<std::string, std::string>& labels) {
  const Outcome outcome = enter("create_network " + name);
  if (outcome.before) return fail(*outcome.before);
  std::string id;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [known_id, network] : networks_) {
      if (network.name != name) continue;
      if (network.labels != labels)
        return fail(ErrorCode::conflict, fmt::format("network with name {} already exists", name));
      id = known_id;
    }
    if (id.empty()) {
      id = next_id();
      networks_[id] = {name, labels};
    }
  }
  if (outcome.after) return fail(*outcome.after);
  return id;
}

Status FakeContainerEngine::remove_network(const std::string& id) {
  const Outcome outcome = enter("remove_network " + id.substr(0, 12));
  if (outcome.before) return fail(*outcome.before);
  {
    const std::lock_guard lock(mutex_);
    if (is_used(id)) return fail(ErrorCode::conflict, "the network has active endpoints");
    networks_.erase(id);
  }
  if (outcome.after) return fail(*outcome.after);
  return {};
}

Result<std::string> FakeContainerEngine::create_container(const ports::ContainerSpec& spec) {
  const Outcome outcome = enter("create_container " + spec.name);
  if (outcome.before) return fail(*outcome.before);
  if (!spec.is_user_of_image && is_root(spec.user))
    return fail(ErrorCode::invalid_argument, "a container never runs as root");
  if (spec.memory.value <= 0) return fail(ErrorCode::invalid_argument, "a container needs a memory limit");
  if (!is_container_name(spec.name))
    return fail(ErrorCode::invalid_argument, fmt::format("Invalid container name ({})", spec.name));
  std::string id;
  {
    const std::lock_guard lock(mutex_);
    const Image* const found = image(spec.image_id);
    if (found == nullptr) return fail(ErrorCode::not_found, fmt::format("no such image: {}", spec.image_id));
    if (const FakeContainer* const same = container(spec.name)) {
      if (!labels_equal(same->spec, spec) || same->status.state != "created") {
        return fail(ErrorCode::conflict, fmt::format("the container name {} is taken", spec.name));
      }
      id = same->id;
    } else {
      FakeContainer made{next_id(), spec, {}, {}};
      made.spec.image_id = found->description.id;
      made.status.state = "created";
      id = made.id;
      containers_.push_back(std::move(made));
    }
  }
  if (outcome.after) return fail(*outcome.after);
  return id;
}

Status FakeContainerEngine::copy_into(const std::string& id, const std::vector<ports::CopiedFile>& files) {
  const Outcome outcome = enter("copy_into " + name_of(id));
  if (outcome.before) return fail(*outcome.before);
  {
    const std::lock_guard lock(mutex_);
    FakeContainer* const found = container(id);
    if (found == nullptr) return fail(ErrorCode::not_found, fmt::format("no such container: {}", id));
    if (!found->spec.writable) return fail(ErrorCode::invalid_argument, "container rootfs is marked read-only");
    found->copied.insert(found->copied.end(), files.begin(), files.end());
  }
  if (outcome.after) return fail(*outcome.after);
  return {};
}

Status FakeContainerEngine::begin_running(FakeContainer& target) {
  const auto refuse = [&](ErrorCode code, std::string reason) {
    target.status.error = reason;
    target.status.exit_code = 127;
    return fail(code, std::move(reason));
  };
  if (target.status.state == "exited") return fail(ErrorCode::conflict, "the container has run already");
  if (const auto refused = refused_.find(target.spec.name); refused != refused_.end()) {
    return refuse(ErrorCode::invalid_argument, refused->second);
  }
  if (const auto* const join = std::get_if<ports::JoinContainer>(&target.spec.network)) {
    const FakeContainer* const sandbox = container(join->container_id);
    if (sandbox == nullptr)
      return refuse(ErrorCode::not_found, fmt::format("no such container: {}", join->container_id));
    if (sandbox->status.state != "running")
      return refuse(ErrorCode::conflict, "cannot join network of a non running container");
  } else if (const auto* const network = std::get_if<ports::JoinNetwork>(&target.spec.network)) {
    if (!networks_.contains(network->network_id)) return refuse(ErrorCode::not_found, "network not found");
    const auto role = target.spec.labels.find("stackdyno.role");
    if (role == target.spec.labels.end() || !without_address_.contains(role->second)) {
      target.status.address =
          fmt::format("10.99.0.{}", 2 + target.status.pid % 200 + static_cast<std::int64_t>(containers_.size()));
    }
  }
  const Image* const found = image(target.spec.image_id);
  const bool is_program = found != nullptr && !found->program.empty();
  if (is_program && !target.spec.entrypoint.empty() && target.spec.entrypoint.front() != found->program) {
    const auto given =
        std::any_of(target.spec.files.begin(), target.spec.files.end(),
                    [&](const ports::ReadOnlyFile& f) { return f.container_path == target.spec.entrypoint.front(); });
    const auto copied = std::any_of(target.copied.begin(), target.copied.end(), [&](const ports::CopiedFile& f) {
      return f.path == target.spec.entrypoint.front();
    });
    if (!given && !copied)
      return refuse(ErrorCode::invalid_argument,
                    fmt::format("exec: \"{}\": no such file", target.spec.entrypoint.front()));
  }
  target.status.state = "running";
  target.status.pid = ++pids_;
  return {};
}

Status FakeContainerEngine::start_container(const std::string& id) {
  const Outcome outcome = enter("start_container " + name_of(id));
  if (outcome.before) return fail(*outcome.before);
  std::function<void(const FakeContainer&)> started;
  FakeContainer copy;
  {
    const std::lock_guard lock(mutex_);
    FakeContainer* const found = container(id);
    if (found == nullptr) return fail(ErrorCode::not_found, fmt::format("no such container: {}", id));
    if (found->status.state != "running") {
      if (auto begun = begin_running(*found); !begun) return begun;
      started = on_started_;
    }
    copy = *found;
  }
  if (started) started(copy);
  if (outcome.after) return fail(*outcome.after);
  return {};
}

Result<ports::ContainerStatus> FakeContainerEngine::inspect_container(const std::string& id) {
  const Outcome outcome = enter("inspect_container " + name_of(id));
  if (outcome.before) return fail(*outcome.before);
  const std::lock_guard lock(mutex_);
  const FakeContainer* const found = container(id);
  if (found == nullptr) return fail(ErrorCode::not_found, fmt::format("no such container: {}", id));
  if (outcome.after) return fail(*outcome.after);
  return found->status;
}

Result<ports::StopOutcome> FakeContainerEngine::stop_container(const std::string& id, Nanos grace) {
  const Outcome outcome = enter("stop_container " + name_of(id));
  if (outcome.before) return fail(*outcome.before);
  ports::StopOutcome stopped;
  {
    const std::lock_guard lock(mutex_);
    FakeContainer* const found = container(id);
    if (found == nullptr) return fail(ErrorCode::not_found, fmt::format("no such container: {}", id));
    if (found->status.state == "running") {
      stopped.forced = deaf_.contains(found->spec.name);
      stopped.duration = stopped.forced ? grace : std::chrono::milliseconds(5);
      found->status.state = "exited";
      found->status.pid = 0;
      found->status.address.clear();
      found->status.exit_code = stopped.forced ? 137 : 0;
    }
    stopped.exit_code = found->status.exit_code;
  }
  if (outcome.after) return fail(*outcome.after);
  return stopped;
}

Status FakeContainerEngine::remove_container(const std::string& id) {
  const Outcome outcome = enter("remove_container " + name_of(id));
  if (outcome.before) return fail(*outcome.before);
  {
    const std::lock_guard lock(mutex_);
    std::erase_if(containers_, [&](const FakeContainer& c) { return c.id == id || c.spec.name == id; });
  }
  if (outcome.after) return fail(*outcome.after);
  return {};
}

Result<std::string> FakeContainerEngine::whole_log(const char* call, const std::string& id) {
  const std::string name = name_of(id);
  const Outcome outcome = enter(fmt::format("{} {}", call, name));
  if (outcome.before) return fail(*outcome.before);
  const std::lock_guard lock(mutex_);
  if (container(id) == nullptr) return fail(ErrorCode::not_found, fmt::format("no such container: {}", id));
  if (outcome.after) return fail(*outcome.after);
  const auto log = logs_.find(name);
  return log == logs_.end() ? std::string() : log->second;
}

Result<std::string> FakeContainerEngine::container_log(const std::string& id, Bytes limit) {
  auto log = whole_log("container_log", id);
  if (!log) return log;
  return last_bytes(*log, limit);
}

Status FakeContainerEngine::follow_log(const std::string& id,
                                       const std::function<bool(const ports::LoggedLine&)>& on_line, Nanos,
                                       std::stop_token stop) {
  const Outcome outcome = enter("follow_log " + name_of(id));
  if (outcome.before) return fail(*outcome.before);
  FakeContainer copy;
  std::string whole;
  std::function<std::vector<Line>(const FakeContainer&)> follow;
  {
    const std::lock_guard lock(mutex_);
    const FakeContainer* const found = container(id);
    if (found == nullptr) return fail(ErrorCode::not_found, fmt::format("no such container: {}", id));
    copy = *found;
    follow = follow_;
    if (const auto log = logs_.find(found->spec.name); log != logs_.end()) whole = log->second;
  }
  for (const Line& line : follow ? follow(copy) : lines_of(whole)) {
    if (!on_line({line.text, line.at})) return {};
  }
  if (stop.stop_requested()) return fail(ErrorCode::cancelled, "no longer followed");
  const std::lock_guard lock(mutex_);
  const FakeContainer* const now = container(id);
  if (now == nullptr || now->status.state != "running") return {};
  return fail(ErrorCode::timed_out, "the Docker engine did not answer in time");
}

Result<Bytes> FakeContainerEngine::logged_since(const std::string& id, WallTime) {
  const auto log = whole_log("logged_since", id);
  if (!log) return fail(log.error());
  return Bytes{static_cast<std::int64_t>(log->size())};
}

Result<ports::ExecOutcome> FakeContainerEngine::exec(const std::string& id, const std::vector<std::string>& command,
                                                     Nanos, std::stop_token stop) {
  std::string call = "exec " + name_of(id);
  for (const std::string& word : command) call += " " + word;
  const Outcome outcome = enter(call);
  if (stop.stop_requested()) return fail(ErrorCode::cancelled, "the command was given up");
  if (outcome.before) return fail(*outcome.before);
  FakeContainer copy;
  std::function<ports::ExecOutcome(const FakeContainer&, const std::vector<std::string>&)> program;
  {
    const std::lock_guard lock(mutex_);
    const FakeContainer* const found = container(id);
    if (found == nullptr) return fail(ErrorCode::not_found, fmt::format("no such container: {}", id));
    if (found->status.state != "running") return fail(ErrorCode::conflict, "the container is not running");
    copy = *found;
    program = program_;
  }
  ports::ExecOutcome ended = program ? program(copy, command) : ports::ExecOutcome{};
  if (outcome.after) return fail(*outcome.after);
  return ended;
}

Result<std::vector<ports::OwnedObject>> FakeContainerEngine::list_labelled(const std::string& label,
                                                                           const std::string& value) {
  const Outcome outcome = enter("list_labelled " + label + "=" + value);
  if (outcome.before) return fail(*outcome.before);
  const std::lock_guard lock(mutex_);
  const auto carries = [&](const std::map<std::string, std::string>& labels) {
    const auto found = labels.find(label);
    return found != labels.end() && found->second == value;
  };
  std::vector<ports::OwnedObject> objects;
  for (const FakeContainer& c : containers_) {
    if (carries(c.spec.labels)) objects.push_back({ports::ObjectKind::container, c.id, c.spec.name, c.spec.labels});
  }
  for (const auto& [id, network] : networks_) {
    if (carries(network.labels)) objects.push_back({ports::ObjectKind::network, id, network.name, network.labels});
  }
  for (const Image& i : images_) {
    if (carries(i.description.labels))
      objects.push_back({ports::ObjectKind::image, i.description.id, i.tag, i.description.labels});
  }
  if (outcome.after) return fail(*outcome.after);
  return objects;
}

// ---- the test's side ----

void FakeContainerEngine::add_fault(EngineFault fault) {
  const std::lock_guard lock(mutex_);
  faults_.push_back(std::move(fault));
  fault_hits_.push_back(0);
}

void FakeContainerEngine::fail_call(int nth, Error error, bool effect_happens) {
  const std::lock_guard lock(mutex_);
  nth_faults_[nth] = {"", std::move(error), 0, 1, effect_happens};
}

void FakeContainerEngine::obey(std::function<std::optional<EngineFault>(const std::string&)> fate) {
  const std::lock_guard lock(mutex_);
  fate_ = std::move(fate);
}

void FakeContainerEngine::on_call(std::function<void(const std::string& call)> hook) {
  const std::lock_guard lock(mutex_);
  on_call_ = std::move(hook);
}

void FakeContainerEngine::on_started(std::function<void(const FakeContainer&)> hook) {
  const std::lock_guard lock(mutex_);
  on_started_ = std::move(hook);
}

void FakeContainerEngine::on_exec(
    std::function<ports::ExecOutcome(const FakeContainer&, const std::vector<std::string>& command)> program) {
  const std::lock_guard lock(mutex_);
  program_ = std::move(program);
}

void FakeContainerEngine::add_image(const std::string& name, ports::ImageDescription told) {
  const std::lock_guard lock(mutex_);
  if (told.id.empty()) told.id = "sha256:" + sha256_hex(name);
  images_.push_back({name, std::move(told), ""});
}

void FakeContainerEngine::offer_image(const std::string& name, ports::ImageDescription told) {
  const std::lock_guard lock(mutex_);
  registry_[name] = std::move(told);
}

void FakeContainerEngine::on_follow(std::function<std::vector<Line>(const FakeContainer&)> lines) {
  const std::lock_guard lock(mutex_);
  follow_ = std::move(lines);
}

void FakeContainerEngine::set_content(const std::string& folder, std::string text) {
  const std::lock_guard lock(mutex_);
  contents_[folder] = std::move(text);
}

void FakeContainerEngine::set_log(const std::string& container_name, std::string text) {
  const std::lock_guard lock(mutex_);
  logs_[container_name] = std::move(text);
}

void FakeContainerEngine::keep_cached(Bytes resident) {
  const std::lock_guard lock(mutex_);
  kept_ = resident;
}

void FakeContainerEngine::deaf_to_stop(const std::string& container_name) {
  const std::lock_guard lock(mutex_);
  deaf_.insert(container_name);
}

void FakeContainerEngine::exit_container(const std::string& name_or_id, int exit_code, bool oom_killed) {
  const std::lock_guard lock(mutex_);
  FakeContainer* const found = container(name_or_id);
  if (found == nullptr) return;
  found->status = {"exited", 0, exit_code, oom_killed, "", ""};
}

void FakeContainerEngine::pause_container(const std::string& name_or_id) {
  const std::lock_guard lock(mutex_);
  if (FakeContainer* const found = container(name_or_id)) found->status.state = "paused";
}

void FakeContainerEngine::no_address(const std::string& role) {
  const std::lock_guard lock(mutex_);
  without_address_.insert(role);
}

void FakeContainerEngine::refuse_start(const std::string& container_name, std::string reason) {
  const std::lock_guard lock(mutex_);
  refused_[container_name] = std::move(reason);
}

std::vector<std::string> FakeContainerEngine::calls() const {
  const std::lock_guard lock(mutex_);
  return calls_;
}

std::vector<FakeContainer> FakeContainerEngine::containers() const {
  const std::lock_guard lock(mutex_);
  return containers_;
}

std::optional<FakeContainer> FakeContainerEngine::find(const std::string& name) const {
  const std::lock_guard lock(mutex_);
  const auto found = std::find_if(containers_.begin(), containers_.end(),
                                  [&](const FakeContainer& c) { return c.spec.name.find(name) != std::string::npos; });
  return found == containers_.end() ? std::nullopt : std::optional<FakeContainer>(*found);
}

std::vector<std::string> FakeContainerEngine::networks() const {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> names;
  for (const auto& [id, network] : networks_) names.push_back(network.name);
  return names;
}

bool FakeContainerEngine::is_empty() const {
  const std::lock_guard lock(mutex_);
  return containers_.empty() && networks_.empty();
}

// ---- inside ----

FakeContainerEngine::Outcome FakeContainerEngine::enter(const std::string& call) {
  std::function<void(const std::string&)> hook;
  std::function<std::optional<EngineFault>(const std::string&)> fate;
  {
    const std::lock_guard lock(mutex_);
    calls_.push_back(call);
    hook = on_call_;
    fate = fate_;
  }
  if (hook) hook(call);
  const auto applied = [](const EngineFault& fault) {
    return fault.effect_happens ? Outcome{std::nullopt, fault.error} : Outcome{fault.error, std::nullopt};
  };
  if (const auto fault = fate ? fate(call) : std::nullopt) return applied(*fault);
  const std::lock_guard lock(mutex_);
  if (const auto nth = nth_faults_.find(static_cast<int>(calls_.size())); nth != nth_faults_.end())
    return applied(nth->second);
  for (std::size_t i = 0; i < faults_.size(); ++i) {
    const EngineFault& fault = faults_[i];
    if (!call.starts_with(fault.pattern)) continue;
    const int hit = fault_hits_[i]++;
    if (hit >= fault.skip && (fault.times < 0 || hit < fault.skip + fault.times)) return applied(fault);
  }
  return {};
}

std::string FakeContainerEngine::name_of(const std::string& container_id) const {
  const std::lock_guard lock(mutex_);
  for (const FakeContainer& c : containers_) {
    if (c.id == container_id) return c.spec.name;
  }
  return container_id;
}

std::string FakeContainerEngine::next_id() { return sha256_hex(fmt::format("object {}", ++ids_)); }

FakeContainer* FakeContainerEngine::container(const std::string& name_or_id) {
  const auto found = std::find_if(containers_.begin(), containers_.end(), [&](const FakeContainer& c) {
    return c.id == name_or_id || c.spec.name == name_or_id;
  });
  return found == containers_.end() ? nullptr : &*found;
}

FakeContainerEngine::Image* FakeContainerEngine::image(const std::string& name_or_id) {
  const auto found = std::find_if(images_.begin(), images_.end(), [&](const Image& i) {
    return i.description.id == name_or_id || i.tag == name_or_id || i.tag == name_or_id + ":latest" ||
           i.tag + ":latest" == name_or_id;
  });
  return found == images_.end() ? nullptr : &*found;
}

bool FakeContainerEngine::is_used(const std::string& network_id) const {
  return std::any_of(containers_.begin(), containers_.end(), [&](const FakeContainer& c) {
    const auto* const join = std::get_if<ports::JoinNetwork>(&c.spec.network);
    return join != nullptr && join->network_id == network_id && c.status.state == "running";
  });
}

}  // namespace dyno::fakes
