#include "adopt/compose.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <functional>
#include <map>
#include <set>

#include "adopt/compose_keys.h"
#include "adopt/value.h"
#include "adopt/words.h"
#include "base/text.h"

namespace dyno::adopt {
namespace {

// What is read, by other functions than the one that lists what is not.
constexpr std::array<std::string_view, 20> kTaken{
    "image",     "build",       "command", "entrypoint", "environment", "env_file",         "ports",
    "expose",    "healthcheck", "tmpfs",   "volumes",    "user",        "read_only",        "stop_signal",
    "mem_limit", "pids_limit",  "ulimits", "shm_size",   "depends_on",  "stop_grace_period"};

constexpr std::size_t kMostCopied = std::size_t{1} << 20U;

class ComposeReading {
 public:
  ComposeReading(const Value& root, std::string file, const ReadBeside& read)
      : root_(root), file_(std::move(file)), read_(read) {
    if (const auto text = read_(".env")) read_variables(*text, variables_);
  }

  Result<Draft> draft_of(const std::string& asked) {
    const Value& services = root_.at("services");
    if (!services.is_map() || services.entries.empty())
      return fail(ErrorCode::invalid_argument, fmt::format("{} has no services: it is no Compose file", file_));
    const auto app = choose(services, asked);
    if (!app) return fail(app.error());
    draft_.name = name_from(*app);
    draft_.title = *app;
    const Value& service = services.at(*app);
    place_ = "services." + *app;
    draft_.container = container_of(service, true);
    read_app_ports(service);
    read_app_health(service);
    for (const std::string& name : needed_by(*app)) add_service(name, services.at(name));
    list_what_is_left(services, *app);
    return std::move(draft_);
  }

 private:
  // ---- words ----
  void remark(const Value& value, std::string_view key, std::string message) {
    const std::string line = value.line > 0 ? fmt::format(":{}", value.line) : "";
    const std::string dot = place_.empty() || key.empty() ? "" : ".";
    draft_.remarks.push_back({fmt::format("{}{} {}{}{}", file_, line, place_, dot, key), std::move(message)});
  }

  static void read_variables(std::string_view text, std::map<std::string, std::string>& into) {
    for (std::string_view line : split(text, '\n')) {
      line = trim(line);
      if (line.starts_with("export ")) line = trim(line.substr(7));
      const std::size_t equals = line.find('=');
      if (line.empty() || line.front() == '#' || equals == std::string_view::npos) continue;
      std::string_view value = trim(line.substr(equals + 1));
      const bool is_quoted =
          value.size() >= 2 && (value.front() == '"' || value.front() == '\'') && value.back() == value.front();
      if (is_quoted) value = value.substr(1, value.size() - 2);
      else if (const std::size_t comment = value.find(" #"); comment != std::string_view::npos)
        value = trim(value.substr(0, comment));
      into[std::string(trim(line.substr(0, equals)))] = std::string(value);
    }
  }

  // "${NAME:-default}" and its kin.
  std::string filled(const Value& value, std::string_view key) {
    const std::string_view text = value.text;
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
      if (text[i] != '$' || i + 1 == text.size()) {
        out += text[i];
      } else if (text[i + 1] == '$') {
        out += '$';
        ++i;
      } else if (text[i + 1] == '{') {
        const std::size_t end = std::min(text.find('}', i), text.size());
        out += variable(text.substr(i + 2, end - i - 2), value, key);
        i = end;
      } else {
        std::size_t end = i + 1;
        while (end < text.size() && (std::isalnum(static_cast<unsigned char>(text[end])) != 0 || text[end] == '_'))
          ++end;
        if (end == i + 1) out += text[i];
        else out += variable(text.substr(i + 1, end - i - 1), value, key);
        i = end - 1;
      }
    }
    return out;
  }

  std::string variable(std::string_view inside, const Value& at, std::string_view key) {
    const std::size_t end = std::min(inside.find_first_of(":-?+"), inside.size());
    const std::string name(inside.substr(0, end));
    std::string_view rest = inside.substr(end);
    const bool empty_counts_as_none = rest.starts_with(':');
    if (empty_counts_as_none) rest.remove_prefix(1);
    const auto known = variables_.find(name);
    const bool is_set = known != variables_.end() && !(empty_counts_as_none && known->second.empty());
    if (rest.starts_with('+')) return is_set ? std::string(rest.substr(1)) : "";
    if (is_set) return known->second;
    if (rest.starts_with('-')) return std::string(rest.substr(1));
    remark(at, key, fmt::format("the variable {} is set nowhere that is known here: write its value", name));
    return "";
  }

  // ---- which services ----
  Result<std::string> choose(const Value& services, const std::string& asked) const {
    if (!asked.empty()) {
      if (services.at(asked).is_map()) return asked;
      std::vector<std::string_view> names;
      for (const auto& [name, value] : services.entries) names.push_back(name);
      return fail(ErrorCode::not_found,
                  fmt::format("{} has no service {}{}", file_, asked, did_you_mean(asked, names)));
    }
    std::vector<std::string> built;
    std::vector<std::string> all;
    for (const auto& [name, value] : services.entries) {
      all.push_back(name);
      if (value.has("build")) built.push_back(name);
    }
    const auto& from = built.empty() ? all : built;
    if (from.size() == 1) return from.front();
    return fail(ErrorCode::not_found, fmt::format("which service of {} is to be measured? Name it by --app: {}", file_,
                                                  fmt::join(from, ", ")));
  }

  static std::vector<std::string> depends_on(const Value& service) {
    std::vector<std::string> names;
    const Value& value = service.at("depends_on");
    for (const auto& [key, one] : value.entries) names.push_back(value.is_list() ? one.text : key);
    return names;
  }

  // All that it depends on, and what they depend on, each once and before who needs it.
  std::vector<std::string> needed_by(const std::string& app) const {
    const Value& services = root_.at("services");
    std::vector<std::string> order;
    std::set<std::string> seen{app};
    const std::function<void(const std::string&)> visit = [&](const std::string& name) {
      for (const std::string& other : depends_on(services.at(name))) {
        if (!seen.insert(other).second || !services.at(other).is_map()) continue;
        visit(other);
        order.push_back(other);
      }
    };
    visit(app);
    return order;
  }

  // ---- a container ----
  DraftContainer container_of(const Value& service, bool is_app) {
    DraftContainer container;
    read_build(service, container);
    read_command(service, is_app, container);
    read_env(service, container);
    read_user(service, is_app, container);
    read_memory_folders(service, container);
    read_limits(service, container);
    container.writable = service.word("read_only") != "true";
    if (service.has("stop_signal")) container.stop_signal = service.word("stop_signal");
    if (service.has("stop_grace_period")) container.stop_grace = service.word("stop_grace_period");
    for (const auto& [key, value] : service.entries) {
      if (std::find(kTaken.begin(), kTaken.end(), key) != kTaken.end() || key.starts_with("x-")) continue;
      const std::string_view words = why_left_out(key);
      remark(value, key, words.empty() ? "not known here, and left out" : std::string(words));
    }
    return container;
  }

  void read_build(const Value& service, DraftContainer& container) {
    if (service.has("image")) container.image = filled(service.at("image"), "image");
    const Value& build = service.at("build");
    if (build.kind == Value::Kind::nothing) return;
    if (!container.image.empty()) remark(service.at("image"), "image", "the name of what is built: it is built here");
    container.image.clear();
    DraftBuild draft;
    if (build.is_text()) {
      draft.context = filled(build, "build");
    } else {
      if (build.has("context")) draft.context = filled(build.at("context"), "build.context");
      if (build.has("dockerfile")) draft.dockerfile = filled(build.at("dockerfile"), "build.dockerfile");
      draft.target = build.word("target");
      draft.args = pairs_of(build.at("args"), "build.args");
    }
    while (draft.context.starts_with("./")) draft.context.erase(0, 2);
    while (draft.context.size() > 1 && draft.context.ends_with('/')) draft.context.pop_back();
    if (draft.context.empty()) draft.context = ".";
    if (draft.context.starts_with('/') || draft.context.starts_with("..") ||
        draft.context.find("://") != std::string::npos)
      remark(build, "build.context",
             fmt::format("{} is not inside this folder: move the file or the folder", draft.context));
    for (const auto& [key, value] : build.entries) {
      const std::string_view words = why_left_out_of_build(key);
      if (!words.empty()) remark(value, "build." + key, std::string(words));
    }
    container.build = std::move(draft);
  }

  Words words_at(const Value& value, std::string_view key) {
    Words words;
    if (value.is_list()) {
      for (const auto& [unnamed, one] : value.entries) words.push_back(filled(one, key));
      return words;
    }
    if (!value.is_text()) return words;
    auto split_words = shell_words(filled(value, key));
    if (split_words) return std::move(*split_words);
    remark(value, key, split_words.error().message);
    return words;
  }

  // A service's command stands behind the ENTRYPOINT of its image as in Compose; an app's is the whole.
  void read_command(const Value& service, bool is_app, DraftContainer& container) {
    const Words entrypoint = words_at(service.at("entrypoint"), "entrypoint");
    const Words command = words_at(service.at("command"), "command");
    if (is_app) {
      container.command = entrypoint;
      container.command.insert(container.command.end(), command.begin(), command.end());
      if (entrypoint.empty() && !command.empty())
        remark(service.at("command"), "command",
               "an app's command is the whole of it: where the image has an ENTRYPOINT, write it in front");
      if (!entrypoint.empty() && command.empty())
        remark(service.at("entrypoint"), "entrypoint",
               "an app's command is the whole of it: the image's CMD is not added");
      return;
    }
    container.command = command;
    if (!entrypoint.empty())
      remark(service.at("entrypoint"), "entrypoint", "the image's own ENTRYPOINT is kept: set another in a Dockerfile");
  }

  // A map, or a list of KEY=VALUE. A key alone takes its value from whoever starts it.
  Pairs pairs_of(const Value& value, const std::string& key) {
    Pairs pairs;
    for (const auto& [name, one] : value.entries) {
      std::string left = name;
      std::optional<std::string> right;
      if (value.is_list()) {
        const std::string text = filled(one, key);
        const std::size_t equals = text.find('=');
        left = text.substr(0, equals);
        if (equals != std::string::npos) right = text.substr(equals + 1);
      } else if (one.is_text()) {
        right = filled(one, key + "." + name);
      }
      if (!right) {
        const auto known = variables_.find(left);
        if (known != variables_.end()) right = known->second;
      }
      if (right) pairs.emplace_back(left, *right);
      else remark(one, key + "." + left, "its value comes from whoever starts it: write it");
    }
    return pairs;
  }

  void read_env(const Value& service, DraftContainer& container) {
    std::map<std::string, std::string> values;
    const Value& files = service.at("env_file");
    std::vector<const Value*> each;
    if (files.is_text()) each.push_back(&files);
    for (const auto& [key, one] : files.entries) each.push_back(&one);
    for (const Value* const one : each) {
      const std::string path = one->is_map() ? std::string(one->word("path")) : one->text;
      if (const auto text = read_(path)) read_variables(*text, values);
      else remark(*one, "env_file", fmt::format("{} cannot be read: write its values under env", path));
    }
    for (const auto& [name, value] : pairs_of(service.at("environment"), "environment")) values[name] = value;
    container.env.assign(values.begin(), values.end());
  }

  void read_user(const Value& service, bool is_app, DraftContainer& container) {
    if (!service.has("user")) return;
    const std::string user = filled(service.at("user"), "user");
    const std::string first = user.substr(0, user.find(':'));
    const auto number = parse_int(first);
    if (is_app ? number && *number > 0 : first != "root" && first != "0") {
      container.user = first;
      if (first != user) remark(service.at("user"), "user", "the group is left out");
      return;
    }
    remark(service.at("user"), "user",
           is_app ? "left out: an app's user is a number above 0, or the image's own"
                  : "left out: a service's user is never root, or the image's own");
  }

  void add_folder(const Value& value, std::string_view key, std::string_view path, std::string size,
                  DraftContainer& container) {
    if (!path.starts_with('/')) {
      remark(value, key, fmt::format("{} is no absolute path", path));
      return;
    }
    if (path == "/tmp" || path == "/tmp/") return;  // is in memory always
    container.tmpfs.push_back({std::string(path), std::move(size)});
  }

  void read_memory_folders(const Value& service, DraftContainer& container) {
    const Value& tmpfs = service.at("tmpfs");
    const auto add = [&](const Value& one) {
      const std::string text = filled(one, "tmpfs");
      std::string size = "64MiB";
      for (const std::string_view option :
           split(std::string_view(text).substr(std::min(text.find(':'), text.size())), ',')) {
        const std::size_t at = option.find("size=");
        if (at != std::string_view::npos) size = size_from(option.substr(at + 5)).value_or(size);
      }
      add_folder(one, "tmpfs", text.substr(0, text.find(':')), std::move(size), container);
    };
    if (tmpfs.is_text()) add(tmpfs);
    for (const auto& [key, one] : tmpfs.entries) add(one);
  }

  void read_limits(const Value& service, DraftContainer& container) {
    const Value& limits = service.at("deploy").at("resources").at("limits");
    const Value& memory = service.has("mem_limit") ? service.at("mem_limit") : limits.at("memory");
    if (memory.is_text()) container.memory = size_from(filled(memory, "mem_limit")).value_or("");
    const Value& pids = service.has("pids_limit") ? service.at("pids_limit") : limits.at("pids");
    if (pids.is_text() && parse_int(pids.text).value_or(0) > 0) container.pids = pids.text;
    const Value& files = service.at("ulimits").at("nofile");
    container.open_files = files.is_map() ? std::string(files.word("soft")) : files.text;
    for (const auto& [key, value] : service.at("ulimits").entries) {
      if (key != "nofile") remark(value, "ulimits." + key, "left out: of the limits only nofile can be set");
    }
    if (service.has("shm_size")) container.shared_memory = size_from(service.word("shm_size")).value_or("");
  }

  // ---- the app ----
  static int container_port(std::string_view text) {
    text = text.substr(0, text.find('/'));
    const std::size_t colon = text.rfind(':');
    if (colon != std::string_view::npos) text = text.substr(colon + 1);
    return static_cast<int>(parse_int(text.substr(0, text.find('-'))).value_or(0));
  }

  void read_app_ports(const Value& service) {
    for (const char* const key : {"ports", "expose"}) {
      const Value& ports = service.at(key);
      for (const auto& [unnamed, one] : ports.entries) {
        const int port = one.is_map() ? container_port(one.word("target")) : container_port(filled(one, key));
        if (port == 0) remark(one, key, "no port is read from it");
        else if (draft_.port == 0) draft_.port = port;
        else if (port != draft_.port)
          remark(one, key, fmt::format("one port is measured, {}: this one is left out", draft_.port));
      }
      if (draft_.port != 0 && draft_.port_because.empty()) draft_.port_because = fmt::format("{} {}", file_, key);
    }
  }

  // Words of the test as one, without its first one.
  static std::pair<std::string, Words> test_of(const Value& health) {
    const Value& test = health.at("test");
    if (test.is_text()) return {"CMD-SHELL", {test.text}};
    Words words;
    for (const auto& [key, one] : test.entries) words.push_back(one.text);
    if (words.empty()) return {"NONE", {}};
    const std::string first = words.front();
    words.erase(words.begin());
    return {first, std::move(words)};
  }

  // How long Compose itself waits: the start period, and then each try.
  static std::string patience(const Value& health) {
    const auto span = [&](std::string_view key, Nanos otherwise) {
      return parse_duration(health.word(key)).value_or(otherwise);
    };
    const std::int64_t tries = parse_int(health.word("retries")).value_or(3);
    const Nanos all =
        span("start_period", {}) + (span("interval", std::chrono::seconds(30))) * std::max<std::int64_t>(tries, 1);
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(all).count();
    return fmt::format("{}s", std::clamp<std::int64_t>(seconds, 10, 600));
  }

  void read_app_health(const Value& service) {
    const Value& health = service.at("healthcheck");
    if (health.kind == Value::Kind::nothing || health.word("disable") == "true") return;
    const auto [kind, words] = test_of(health);
    if (kind == "NONE") return;
    const auto url = local_url_in(fmt::format("{}", fmt::join(words, " ")));
    if (!url) {
      remark(health, "healthcheck", "its command cannot be run for an app: readiness by HTTP is asked of it instead");
      return;
    }
    draft_.readiness = DraftReadiness{url->path, patience(health), fmt::format("{} healthcheck", file_)};
    if (draft_.port == 0 && url->port != 0) {
      draft_.port = url->port;
      draft_.port_because = fmt::format("{} healthcheck", file_);
    }
  }

  // ---- its services ----
  void add_service(const std::string& name, const Value& value) {
    place_ = "services." + name;
    DraftService service;
    service.name = name_from(name);
    if (service.name != name)
      remark(value, "", fmt::format("it is called {} here, also by its name on the network", service.name));
    service.container = container_of(value, false);
    read_service_health(value, service);
    read_service_volumes(value, service);
    if (service.container.build) check_service_build(value, service);
    draft_.services.push_back(std::move(service));
  }

  void check_service_build(const Value& value, const DraftService& service) {
    remark(value.at("build"), "build",
           fmt::format("a service is built from its own folder: copy {} into services/{}",
                       service.container.build->context, service.name));
  }

  void read_service_health(const Value& value, DraftService& service) {
    const Value& health = value.at("healthcheck");
    const auto [kind, words] = test_of(health);
    if (kind == "CMD" && !words.empty()) {
      service.ready_command = words;
    } else if (kind == "CMD-SHELL" && !words.empty()) {
      service.ready_command = {"sh", "-c", words.front()};
    }
    for (std::string& word : service.ready_command)
      word = filled({.kind = Value::Kind::text, .line = health.line, .text = word}, "healthcheck.test");
    if (!service.ready_command.empty()) return;
    for (const char* const key : {"expose", "ports"}) {
      for (const auto& [unnamed, one] : value.at(key).entries) {
        const int port = one.is_map() ? container_port(one.word("target")) : container_port(filled(one, key));
        if (service.ready_port == 0) service.ready_port = port;
      }
    }
    if (service.ready_port == 0) service.ready_port = usual_port(service.container.image);
    remark(value, "healthcheck",
           service.ready_port != 0
               ? fmt::format("it has none: it counts as ready when port {} takes connections", service.ready_port)
               : "it has none, and no port is known: write how one sees that it is ready");
  }

  static int usual_port(std::string_view image) {
    struct Usual {
      std::string_view name;
      int port;
    };
    static constexpr std::array kUsual{Usual{"postgres", 5432},     Usual{"mysql", 3306},      Usual{"mariadb", 3306},
                                       Usual{"redis", 6379},        Usual{"valkey", 6379},     Usual{"mongo", 27017},
                                       Usual{"rabbitmq", 5672},     Usual{"memcached", 11211}, Usual{"nats", 4222},
                                       Usual{"elasticsearch", 9200}};
    for (const auto& [name, port] : kUsual) {
      if (image.find(name) != std::string_view::npos) return port;
    }
    return 0;
  }

  void read_service_volumes(const Value& value, DraftService& service) {
    for (const auto& [key, one] : value.at("volumes").entries) {
      const auto [source, target] = ends_of(one);
      if (target.empty()) {
        remark(one, "volumes", "not understood");
      } else if (source.starts_with('.') || source.starts_with('/') || source.starts_with('~')) {
        add_file(one, source, target, service);
      } else {
        add_folder(one, "volumes", target, "1GiB", service.container);
        remark(one, "volumes", fmt::format("{} becomes a folder in memory, empty at each start", target));
      }
    }
  }

  std::pair<std::string, std::string> ends_of(const Value& volume) {
    if (volume.is_map()) return {std::string(volume.word("source")), std::string(volume.word("target"))};
    const std::string text = filled(volume, "volumes");
    const auto parts = split(text, ':');
    if (parts.size() == 1) return {"", std::string(parts[0])};
    return {std::string(parts[0]), std::string(parts[1])};
  }

  void add_file(const Value& volume, const std::string& source, const std::string& target, DraftService& service) {
    std::string path = source;
    while (path.starts_with("./")) path.erase(0, 2);
    const auto text = path.starts_with('/') || path.starts_with("..") ? std::nullopt : read_(path);
    if (!text) {
      remark(volume, "volumes",
             fmt::format("{} is a folder, is not there, or lies outside: files of this folder are copied in one by one "
                         "(files of services/{}/service.yaml)",
                         source, service.name));
      return;
    }
    if (text->size() > kMostCopied) {
      remark(volume, "volumes", fmt::format("{} is larger than 1 MiB: build an image with it", source));
      return;
    }
    service.files.push_back({path, path.substr(path.rfind('/') + 1), target});
  }

  // ---- what is left ----
  void list_what_is_left(const Value& services, const std::string& app) {
    place_ = "services." + app;
    for (const auto& [key, one] : services.at(app).at("volumes").entries) {
      const auto [source, target] = ends_of(one);
      const bool is_bound = source.starts_with('.') || source.starts_with('/') || source.starts_with('~');
      if (!is_bound && !target.empty()) {
        add_folder(one, "volumes", target, "256MiB", draft_.container);
        remark(one, "volumes", fmt::format("{} becomes a folder in memory, empty at each start", target));
      } else {
        const bool is_of_host = source.starts_with('/') || source.starts_with('~') || source.starts_with("..");
        remark(one, "volumes",
               is_of_host ? fmt::format("nothing of the host is given to a container: {} is left out", source)
                          : fmt::format("no folder is shared with an app: COPY {} in its Dockerfile", source));
      }
    }
    const auto needed = needed_by(app);
    place_ = "services";
    for (const auto& [name, value] : services.entries) {
      if (name != app && std::find(needed.begin(), needed.end(), name) == needed.end())
        remark(value, name, fmt::format("{} does not depend on it: left out", app));
    }
    place_ = "";
    for (const auto& [key, value] : root_.entries) {
      static constexpr std::array<std::string_view, 5> kKnown{"services", "version", "name", "volumes", "networks"};
      if (std::find(kKnown.begin(), kKnown.end(), key) != kKnown.end() || key.starts_with("x-")) continue;
      remark(value, key, key == "include" ? "not followed: write here what the other file says" : "left out");
    }
  }

  const Value& root_;
  const std::string file_;
  const ReadBeside& read_;
  std::map<std::string, std::string> variables_;
  std::string place_;
  Draft draft_;
};

}  // namespace

Result<Draft> draft_from_compose(std::string_view text, const std::string& file, const std::string& app,
                                 const ReadBeside& read) {
  const auto root = read_value(text, file);
  if (!root) return fail(root.error());
  return ComposeReading(*root, file, read).draft_of(app);
}

}  // namespace dyno::adopt
