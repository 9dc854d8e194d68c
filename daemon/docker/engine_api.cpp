#include "docker/engine_api.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <limits>
#include <nlohmann/json.hpp>

#include "base/sha256.h"
#include "base/text.h"

namespace dyno::docker {
namespace {

using nlohmann::json;

constexpr std::size_t kLongestErrorText = 2000;
constexpr Bytes kVolumeSize = mib(64);  // where the container has no /tmp to tell
constexpr std::string_view kDefaultUser = "65532:65532";

Result<json> parse(std::string_view body, std::string_view what) {
  json value = json::parse(body, nullptr, false);
  if (value.is_discarded())
    return fail(ErrorCode::protocol, fmt::format("the engine's {} is not JSON: {}", what, visible(body, 120)));
  return value;
}

Result<json> parse_object(std::string_view body, std::string_view what) {
  auto value = parse(body, what);
  if (value && !value->is_object())
    return fail(ErrorCode::protocol, fmt::format("the engine's {} is not an object", what));
  return value;
}

// A member, or null where there is none.
const json& member(const json& object, const char* name) {
  static const json kNull;
  if (!object.is_object()) return kNull;
  const auto found = object.find(name);
  return found == object.end() ? kNull : *found;
}

std::string text(const json& value) { return value.is_string() ? value.get<std::string>() : std::string(); }

std::int64_t number(const json& value) {
  if (value.is_number_unsigned() &&
      value.get<std::uint64_t>() > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()))
    return 0;
  return value.is_number_integer() ? value.get<std::int64_t>() : 0;
}

int small_number(const json& value) {
  const std::int64_t n = number(value);
  return n < std::numeric_limits<int>::min() || n > std::numeric_limits<int>::max() ? 0 : static_cast<int>(n);
}

bool truth(const json& value) { return value.is_boolean() && value.get<bool>(); }

Labels string_members(const json& object) {
  Labels labels;
  if (!object.is_object()) return labels;
  for (const auto& item : object.items()) {
    if (item.value().is_string()) labels[item.key()] = item.value().get<std::string>();
  }
  return labels;
}

std::vector<std::string> string_items(const json& list) {
  std::vector<std::string> items;
  if (!list.is_array()) return items;
  for (const json& item : list) {
    if (item.is_string()) items.push_back(item.get<std::string>());
  }
  return items;
}

// A list of NAME=value.
std::map<std::string, std::string> variables(const json& list) {
  std::map<std::string, std::string> found;
  for (const std::string& item : string_items(list)) {
    const std::size_t equals = item.find('=');
    if (equals != std::string::npos) found[item.substr(0, equals)] = item.substr(equals + 1);
  }
  return found;
}

std::string tmpfs_options(Bytes size, int mode) {
  return fmt::format("rw,noexec,nosuid,nodev,mode={:o},size={}", mode, size.value);
}

json host_config(const ports::ContainerSpec& spec) {
  json host = {
      {"CapDrop", {"ALL"}},
      {"SecurityOpt", {"no-new-privileges:true"}},
      {"Privileged", false},
      {"ReadonlyRootfs", !spec.writable},
      {"PublishAllPorts", false},
      {"AutoRemove", false},  // its exit must be inspected
      {"RestartPolicy", {{"Name", "no"}}},
      {"IpcMode", "private"},
      // Process 1 is the program itself: an init in front would own State.Pid and spoil the stamp of exec.
      {"Init", false},
      {"ShmSize", spec.shared_memory.value},
      {"PidsLimit", spec.pids},
      {"Memory", spec.memory.value},
      {"MemorySwap", spec.memory.value},  // no swap: it would hide an OOM and falsify memory
      {"LogConfig", {{"Type", "json-file"}, {"Config", {{"max-size", "2m"}, {"max-file", "2"}}}}},
      {"Ulimits",
       {{{"Name", "nofile"}, {"Soft", spec.open_files}, {"Hard", spec.open_files}},
        {{"Name", "core"}, {"Soft", 0}, {"Hard", 0}}}},
  };
  for (const auto& [name, address] : spec.hosts) host["ExtraHosts"].push_back(name + ":" + address);
  if (!spec.cpuset.empty()) host["CpusetCpus"] = spec.cpuset;
  if (spec.tmp.value > 0) host["Tmpfs"]["/tmp"] = tmpfs_options(spec.tmp, 01777);
  for (const ports::MemoryFolder& folder : spec.folders)
    host["Tmpfs"][folder.path] = tmpfs_options(folder.size, folder.mode);
  for (const ports::ReadOnlyFile& file : spec.files) {
    host["Mounts"].push_back(
        {{"Type", "bind"}, {"Source", file.host_path}, {"Target", file.container_path}, {"ReadOnly", true}});
  }
  if (const auto* const joined = std::get_if<ports::JoinContainer>(&spec.network)) {
    host["NetworkMode"] = "container:" + joined->container_id;
  } else {
    host["NetworkMode"] = std::get<ports::JoinNetwork>(spec.network).network_id;
  }
  return host;
}

json body_of(const ports::ContainerSpec& spec) {
  json body = {
      {"Image", spec.image_id},
      {"Env", json::array()},
      {"Labels", spec.labels},
      {"StopSignal", spec.stop_signal},
      {"Tty", false},
      // A health check of the image would run processes inside the cgroup that is measured.
      {"Healthcheck", {{"Test", {"NONE"}}}},
      {"HostConfig", host_config(spec)},
  };
  if (!spec.is_user_of_image) body["User"] = spec.user.empty() ? std::string(kDefaultUser) : spec.user;
  const auto* const joined = std::get_if<ports::JoinNetwork>(&spec.network);
  if (joined != nullptr && !joined->aliases.empty())
    body["NetworkingConfig"]["EndpointsConfig"][joined->network_id]["Aliases"] = joined->aliases;
  for (const auto& [name, value] : spec.env) body["Env"].push_back(name + "=" + value);
  if (!spec.entrypoint.empty()) body["Entrypoint"] = spec.entrypoint;
  if (!spec.command.empty()) body["Cmd"] = spec.command;
  return body;
}

bool is_root(const std::string& user) {
  const std::string name = user.substr(0, user.find(':'));
  return name == "root" || (!name.empty() && name.find_first_not_of('0') == std::string::npos);
}

}  // namespace

// ---- made ----

Result<std::string> container_body(const ports::ContainerSpec& spec) {
  if (spec.memory.value <= 0) return fail(ErrorCode::invalid_argument, "a container needs a memory limit");
  if (spec.pids <= 0) return fail(ErrorCode::invalid_argument, "a container needs a process limit");
  if (!spec.is_user_of_image && is_root(spec.user))
    return fail(ErrorCode::invalid_argument, "a container never runs as root");
  for (const ports::ReadOnlyFile& file : spec.files) {
    if (!file.host_path.starts_with('/') || !file.container_path.starts_with('/')) {
      return fail(ErrorCode::invalid_argument, fmt::format("the path of a file must be absolute: {}", file.host_path));
    }
  }
  for (const ports::MemoryFolder& folder : spec.folders) {
    if (!folder.path.starts_with('/') || folder.size.value <= 0) {
      return fail(ErrorCode::invalid_argument,
                  fmt::format("a memory folder needs an absolute path and a size: {}", folder.path));
    }
  }
  json body = body_of(spec);
  body["Labels"][std::string(kConfigLabel)] = config_hash(spec);
  // Text that is not UTF-8 would make dump() throw.
  return body.dump(-1, ' ', false, json::error_handler_t::replace);
}

namespace {

Status cover_volumes(ports::ContainerSpec& spec, const std::vector<std::string>& volumes) {
  for (const std::string& volume : volumes) {
    std::string path = std::filesystem::path(volume).lexically_normal().string();
    if (path.size() > 1 && path.ends_with('/')) path.pop_back();
    if (!path.starts_with('/') || path == "/")
      return fail(ErrorCode::invalid_argument, fmt::format("the image declares a volume at {}", visible(volume, 100)));
    const bool is_memory =
        (path == "/tmp" && spec.tmp.value > 0) ||
        std::any_of(spec.folders.begin(), spec.folders.end(), [&](const auto& folder) { return folder.path == path; });
    if (!is_memory) spec.folders.push_back({path, spec.tmp.value > 0 ? spec.tmp : kVolumeSize});
  }
  return {};
}

std::string base_name(const std::string& path) { return path.substr(path.rfind('/') + 1); }

}  // namespace

Result<ports::ContainerSpec> fitted(ports::ContainerSpec spec, const ports::ImageDescription& image) {
  if (auto covered = cover_volumes(spec, image.volumes); !covered) return fail(covered.error());
  if (spec.programs.empty() || image.entrypoint.empty()) return spec;
  const auto is_first = [&](const std::string& program) {
    return base_name(program) == base_name(image.entrypoint.front());
  };
  if (std::any_of(spec.programs.begin(), spec.programs.end(), is_first)) return spec;
  spec.entrypoint.insert(spec.entrypoint.end(), image.entrypoint.begin(), image.entrypoint.end());
  return spec;
}

std::string config_hash(const ports::ContainerSpec& spec) {
  return sha256_hex(body_of(spec).dump(-1, ' ', false, json::error_handler_t::replace)).substr(0, 16);
}

std::string exec_body(const std::vector<std::string>& command) {
  const json body = {{"AttachStdout", true}, {"AttachStderr", true}, {"Tty", false}, {"Cmd", command}};
  return body.dump(-1, ' ', false, json::error_handler_t::replace);
}

std::string network_body(const std::string& name, const Labels& labels) {
  // Names are not unique to the engine unless it is told to check.
  const json body = {{"Name", name},           {"Driver", "bridge"},  {"Internal", true},
                     {"CheckDuplicate", true}, {"EnableIPv6", false}, {"Labels", labels}};
  return body.dump(-1, ' ', false, json::error_handler_t::replace);
}

std::string string_map(const Labels& values) {
  return json(values).dump(-1, ' ', false, json::error_handler_t::replace);
}

std::string label_filter(const std::string& label, const std::string& value) {
  const json filter = {{"label", {label + "=" + value}}};
  return filter.dump(-1, ' ', false, json::error_handler_t::replace);
}

std::string name_filter(const std::string& name) {
  const json filter = {{"name", {"^" + name + "$"}}};
  return filter.dump(-1, ' ', false, json::error_handler_t::replace);
}

std::string string_list(const std::vector<std::string>& values) {
  return json(values).dump(-1, ' ', false, json::error_handler_t::replace);
}

// ---- read ----

std::string error_text(std::string_view body) {
  const json value = json::parse(body, nullptr, false);
  const std::string message = value.is_object() ? text(member(value, "message")) : std::string();
  if (!message.empty()) return visible(trim(message), kLongestErrorText);
  const std::string shown = visible(trim(body), kLongestErrorText);
  return shown.empty() ? "no reason given" : shown;
}

Result<VersionAnswer> decode_version(std::string_view body) {
  const auto value = parse_object(body, "version");
  if (!value) return fail(value.error());
  return VersionAnswer{"Docker " + text(member(*value, "Version")), text(member(*value, "ApiVersion")),
                       text(member(*value, "MinAPIVersion"))};
}

Result<ports::EngineDescription> decode_info(std::string_view body) {
  const auto value = parse_object(body, "info");
  if (!value) return fail(value.error());
  ports::EngineDescription description;
  description.storage_driver = text(member(*value, "Driver"));
  description.cgroup_driver = text(member(*value, "CgroupDriver"));
  description.cgroup_version = text(member(*value, "CgroupVersion"));
  description.kernel = text(member(*value, "KernelVersion"));
  description.operating_system = text(member(*value, "OperatingSystem"));
  description.cpus = small_number(member(*value, "NCPU"));
  description.memory = Bytes{number(member(*value, "MemTotal"))};
  for (const std::string& option : string_items(member(*value, "SecurityOptions"))) {
    if (option == "name=userns") description.user_namespaces = true;
  }
  return description;
}

namespace {

std::optional<int> two_digits(std::string_view text) {
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  if (text.size() != 2 || !is_digit(text[0]) || !is_digit(text[1])) return std::nullopt;
  return 10 * (text[0] - '0') + (text[1] - '0');
}

}  // namespace

std::optional<WallTime> decode_system_time(std::string_view body) {
  const auto value = parse_object(body, "info");
  if (!value) return std::nullopt;
  // 2026-11-29T18:50:40.123456789+01:00: to the second is enough.
  const std::string written = text(member(*value, "SystemTime"));
  const auto at = written.size() < 20 ? std::nullopt : parse_instant(written.substr(0, 19) + ".000Z");
  if (!at || written.back() == 'Z') return at;
  const std::string_view offset = std::string_view(written).substr(written.size() - 6);
  const auto hours = two_digits(offset.substr(1, 2));
  const auto minutes = two_digits(offset.substr(4, 2));
  if (!hours || !minutes || (offset[0] != '+' && offset[0] != '-')) return std::nullopt;
  const Nanos east = std::chrono::hours(*hours) + std::chrono::minutes(*minutes);
  return offset[0] == '+' ? *at - east : *at + east;
}

Result<std::string> decode_id(std::string_view body) {
  const auto value = parse_object(body, "answer");
  if (!value) return fail(value.error());
  std::string id = text(member(*value, "Id"));
  if (id.empty()) return fail(ErrorCode::protocol, "the engine's answer names no id");
  return id;
}

Result<ports::ImageDescription> decode_image(std::string_view body) {
  const auto value = parse_object(body, "image");
  if (!value) return fail(value.error());
  const json& config = member(*value, "Config");
  ports::ImageDescription image{text(member(*value, "Id")),
                                Bytes{number(member(*value, "Size"))},
                                string_members(member(config, "Labels")),
                                string_items(member(*value, "RepoDigests")),
                                variables(member(config, "Env")),
                                string_items(member(config, "Entrypoint")),
                                string_items(member(config, "OnBuild")),
                                {}};
  if (const json& volumes = member(config, "Volumes"); volumes.is_object()) {
    for (const auto& item : volumes.items()) image.volumes.push_back(item.key());
  }
  image.command = string_items(member(config, "Cmd"));
  image.user = text(member(config, "User"));
  if (const json& ports = member(config, "ExposedPorts"); ports.is_object()) {
    for (const auto& item : ports.items()) {
      const std::size_t slash = item.key().find('/');
      const auto port = parse_int(item.key().substr(0, slash));
      const bool is_tcp = slash == std::string::npos || item.key().substr(slash) == "/tcp";
      if (is_tcp && port && *port > 0 && *port < 65536) image.ports.push_back(static_cast<int>(*port));
    }
    std::sort(image.ports.begin(), image.ports.end());
  }
  if (image.id.empty()) return fail(ErrorCode::protocol, "the engine's image has no id");
  return image;
}

Result<std::vector<std::string>> decode_image_folders(std::string_view body) {
  const auto value = parse_object(body, "image");
  if (!value) return fail(value.error());
  const json& driver = member(*value, "GraphDriver");
  const std::string name = text(member(driver, "Name"));
  if (name != "overlay2") {
    return fail(ErrorCode::unsupported,
                fmt::format("its files can be found only with the storage driver overlay2; this engine uses {}",
                            name.empty() ? "another store" : name));
  }
  std::vector<std::string> folders;
  for (const char* const part : {"LowerDir", "UpperDir"}) {
    const std::string list = text(member(member(driver, "Data"), part));
    for (const std::string_view folder : split(list, ':')) {
      if (folder.empty()) continue;
      if (folder.front() != '/') return fail(ErrorCode::protocol, "the engine names a folder that is not absolute");
      folders.emplace_back(folder);
    }
  }
  if (folders.empty()) return fail(ErrorCode::protocol, "the engine's image has no folder");
  return folders;
}

Result<ContainerAnswer> decode_container(std::string_view body) {
  const auto value = parse_object(body, "container");
  if (!value) return fail(value.error());
  const json& state = member(*value, "State");
  const json& config = member(*value, "Config");
  ContainerAnswer answer;
  answer.id = text(member(*value, "Id"));
  answer.status.state = text(member(state, "Status"));
  answer.status.pid = number(member(state, "Pid"));
  answer.status.exit_code = small_number(member(state, "ExitCode"));
  answer.status.oom_killed = truth(member(state, "OOMKilled"));
  answer.status.error = text(member(state, "Error"));
  answer.stop_signal = text(member(config, "StopSignal"));
  answer.labels = string_members(member(config, "Labels"));
  const json& networks = member(member(*value, "NetworkSettings"), "Networks");
  if (networks.is_object() && !networks.empty()) answer.status.address = text(member(*networks.begin(), "IPAddress"));
  if (answer.id.empty() || answer.status.state.empty())
    return fail(ErrorCode::protocol, "the engine's container has no id or no state");
  // Between its start and its exit a container may be called running with no process yet, or no longer: pid 0 is nobody.
  if (answer.status.pid < 0) answer.status.pid = 0;
  if (answer.status.state == "running" && answer.status.pid == 0) answer.status.state = "not_running";
  if (answer.status.state != "running" && answer.status.state != "paused") answer.status.pid = 0;
  return answer;
}

Result<int> decode_wait(std::string_view body) {
  const auto value = parse_object(body, "wait answer");
  if (!value) return fail(value.error());
  const json& code = member(*value, "StatusCode");
  if (!code.is_number_integer()) return fail(ErrorCode::protocol, "the engine's wait answer has no status code");
  return small_number(code);
}

Result<std::optional<int>> decode_exec(std::string_view body) {
  const auto value = parse_object(body, "exec answer");
  if (!value) return fail(value.error());
  if (truth(member(*value, "Running"))) return std::optional<int>();
  const json& code = member(*value, "ExitCode");
  if (!code.is_number_integer()) return fail(ErrorCode::protocol, "the engine's exec answer has no exit code");
  return std::optional<int>(small_number(code));
}

namespace {

template <class Decode>
Result<std::vector<ports::OwnedObject>> decode_list(std::string_view body, std::string_view what, Decode decode) {
  const auto value = parse(body, what);
  if (!value) return fail(value.error());
  if (!value->is_array()) return fail(ErrorCode::protocol, fmt::format("the engine's {} is not a list", what));
  std::vector<ports::OwnedObject> objects;
  for (const json& item : *value) {
    ports::OwnedObject object = decode(item);
    object.id = text(member(item, "Id"));
    object.labels = string_members(member(item, "Labels"));
    if (object.id.empty()) return fail(ErrorCode::protocol, fmt::format("an item of the engine's {} has no id", what));
    objects.push_back(std::move(object));
  }
  return objects;
}

}  // namespace

Result<std::vector<ports::OwnedObject>> decode_containers(std::string_view body) {
  return decode_list(body, "list of containers", [](const json& item) {
    const auto names = string_items(member(item, "Names"));
    std::string name = names.empty() ? std::string() : names.front();
    if (name.starts_with('/')) name.erase(0, 1);
    return ports::OwnedObject{ports::ObjectKind::container, {}, std::move(name), {}};
  });
}

Result<std::vector<ports::OwnedObject>> decode_networks(std::string_view body) {
  return decode_list(body, "list of networks", [](const json& item) {
    return ports::OwnedObject{ports::ObjectKind::network, {}, text(member(item, "Name")), {}};
  });
}

Result<std::vector<ports::OwnedObject>> decode_images(std::string_view body) {
  return decode_list(body, "list of images", [](const json& item) {
    const auto tags = string_items(member(item, "RepoTags"));
    return ports::OwnedObject{ports::ObjectKind::image,
                              {},
                              tags.empty() || tags.front() == "<none>:<none>" ? std::string() : tags.front(),
                              {}};
  });
}

Result<StreamMessage> decode_stream_message(std::string_view document) {
  const auto value = parse_object(document, "stream");
  if (!value) return fail(value.error());
  StreamMessage message;
  message.stream = text(member(*value, "stream"));
  message.image_id = text(member(member(*value, "aux"), "ID"));
  const std::string status = text(member(*value, "status"));
  if (message.image_id.empty() && status.starts_with("sha256:")) message.image_id = status;
  message.status = status;
  const json& detail = member(*value, "errorDetail");
  message.error = text(member(detail, "message"));
  if (message.error.empty()) message.error = text(member(*value, "error"));
  if (message.error.empty() && !detail.is_null()) message.error = "the engine gave an error without words";
  if (!message.error.empty()) message.error = visible(message.error, kLongestErrorText);
  return message;
}

}  // namespace dyno::docker
