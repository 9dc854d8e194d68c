#include "app/config.h"

#include <fmt/format.h>

#include <array>
#include <filesystem>

#include "base/text.h"
#include "stackfile/read_yaml.h"
#include "stackfile/shape.h"
#include "stackfile/tree.h"

namespace dyno::app {
namespace {

using namespace stackfile;  // the shapes read as a table

bool is_listen(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos || colon == 0) return false;
  const auto port = parse_int(text.substr(colon + 1));
  return port && *port >= 1 && *port <= 65535;
}
bool is_engine(std::string_view text) { return text.starts_with("unix:///") && text.size() > 8; }

const TextRule kListen{"^.+:[0-9]+$", is_listen, "must be an address and a port, such as 127.0.0.1:8080"};
const TextRule kEngine{"^unix:///.+$", is_engine, "must be unix:// and the absolute path of the engine's socket"};
constexpr std::array<std::string_view, 4> kLevels{"debug", "info", "warn", "error"};

constexpr Shape kPathShape = text(kOneLine, 4096);

const std::array kKeys{
    optional("listen", text(kListen, 256), "where the REST API and the dashboard are served"),
    required("data_dir", text(kOneLine, 4096), "database, lock and logs of the daemon"),
    required("stacks_dirs", list_of(kPathShape, 1, 16), "folders with one folder per stack"),
    required("profiles_dir", text(kOneLine, 4096), "folder with the profiles"),
    optional("schedules_dir", text(kOneLine, 4096), "folder with the schedules"),
    optional("services_dir", text(kOneLine, 4096), "folder with one folder per service, such as a database"),
    optional("web_dir", text(kOneLine, 4096), "the built dashboard"),
    optional("engine", text(kEngine, 4096), "the container engine"),
    required("runner_dir", text(kOneLine, 4096), "folder with dyno-load and dyno-exec"),
    optional("log_level", choice(kLevels), "lowest level that is logged"),
    optional("resume", choice(model::names_of<model::ResumePolicy>()),
             "which runs that were cut off go on at the next start: always, same_boot, never"),
    optional("resume_within", duration(std::chrono::minutes(1), std::chrono::hours(24 * 7)),
             "how long after it was cut off a run still goes on"),
    optional("engine_wait", duration(std::chrono::seconds(10), std::chrono::hours(24)),
             "how long a run that was cut off waits for the engine to come back"),
    optional("disk_floor", bytes(mib(0), mib(1024 * 1024)),
             "free space of the data directory's disk below which no run begins or goes on; otherwise 1 GiB, or 5 % of "
             "the disk "
             "where that is more"),
    optional("series_kept", duration(std::chrono::hours(0), std::chrono::hours(24 * 36'500)),
             "how long samples and seconds of a run stay that is not pinned, 720h if absent; 0s: for ever"),
    optional(
        "uploads_kept", duration(std::chrono::hours(0), std::chrono::hours(24 * 36'500)),
        "how long a folder that `dyno run PATH` sent stays, 720h if absent; the newest of each name always; 0s: for "
        "ever"),
    optional(
        "images_budget", bytes(mib(0), mib(64 * 1024 * 1024)),
        "how much the images of stacks may take, 20GiB if absent; those used longest ago go first; 0MiB: no limit"),
};
const Table kTable{kKeys};

std::string resolved(const std::string& path, const std::filesystem::path& base) {
  if (path.empty()) return path;
  return (std::filesystem::path(path).is_absolute() ? std::filesystem::path(path) : base / path)
      .lexically_normal()
      .string();
}

Config read_config(const Node& root, const std::filesystem::path& base) {
  Config config;
  const std::string listen = text_at(root, "listen", "127.0.0.1:8080");
  const std::size_t colon = listen.rfind(':');
  config.listen_host = listen.substr(0, colon);
  // An IPv6 address stands in brackets where a port follows it.
  if (config.listen_host.starts_with('[') && config.listen_host.ends_with(']'))
    config.listen_host = config.listen_host.substr(1, config.listen_host.size() - 2);
  config.listen_port = static_cast<int>(parse_int(std::string_view(listen).substr(colon + 1)).value_or(8080));
  config.data_dir = resolved(text_at(root, "data_dir"), base);
  for (const auto& dir : texts_at(root, "stacks_dirs")) config.stacks_dirs.push_back(resolved(dir, base));
  config.profiles_dir = resolved(text_at(root, "profiles_dir"), base);
  config.schedules_dir = resolved(text_at(root, "schedules_dir"), base);
  config.services_dir = resolved(text_at(root, "services_dir"), base);
  config.web_dir = resolved(text_at(root, "web_dir"), base);
  config.engine_socket = text_at(root, "engine", "unix:///var/run/docker.sock").substr(7);
  config.runner_dir = resolved(text_at(root, "runner_dir"), base);
  config.log_level = text_at(root, "log_level", "info");
  config.resume.policy =
      model::parse_enum<model::ResumePolicy>(text_at(root, "resume", "always")).value_or(model::ResumePolicy::always);
  config.resume.within = duration_at(root, "resume_within", config.resume.within);
  config.engine_wait = duration_at(root, "engine_wait", config.engine_wait);
  if (find(root, "disk_floor") != nullptr) config.disk_floor = bytes_at(root, "disk_floor", {});
  config.series_kept = duration_at(root, "series_kept", config.series_kept);
  config.uploads_kept = duration_at(root, "uploads_kept", config.uploads_kept);
  config.images_budget = bytes_at(root, "images_budget", config.images_budget);
  return config;
}

}  // namespace

stackfile::Parsed<Config> parse_config(std::string_view text, const std::string& file) {
  YamlDocument document = read_yaml(text, file);
  ProblemList problems(file);
  problems.add_all(std::move(document.problems));
  if (document.root) check_shape(*document.root, map_of(kTable), "", problems);
  stackfile::Parsed<Config> parsed;
  if (problems.empty() && document.root) {
    parsed.value = read_config(*document.root, std::filesystem::absolute(file).parent_path());
  }
  parsed.problems = problems.take();
  return parsed;
}

}  // namespace dyno::app
