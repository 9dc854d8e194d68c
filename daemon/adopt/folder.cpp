#include "adopt/folder.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>

#include "adopt/requests.h"
#include "adopt/value.h"
#include "adopt/words.h"
#include "base/text.h"

namespace dyno::adopt {
namespace {

constexpr std::array<const char*, 4> kComposeNames{"compose.yaml", "compose.yml", "docker-compose.yaml",
                                                   "docker-compose.yml"};
constexpr std::array<const char*, 9> kOpenApiNames{"openapi.yaml",      "openapi.yml",      "openapi.json",
                                                   "docs/openapi.yaml", "docs/openapi.yml", "docs/openapi.json",
                                                   "api/openapi.yaml",  "api/openapi.yml",  "api/openapi.json"};

class FolderReading {
 public:
  FolderReading(const InitSources& sources, const ReadBeside& read) : sources_(sources), read_(read) {}

  Result<Draft> draft() {
    for (const auto step : {&FolderReading::sort_sources, &FolderReading::read_compose, &FolderReading::read_dockerfile,
                            &FolderReading::read_requests}) {
      if (Status done = (this->*step)(); !done) return fail(done.error());
    }
    read_manifests();
    if (!sources_.name.empty()) draft_.name = name_from(sources_.name);
    if (draft_.name.empty()) draft_.name = name_from(sources_.folder_name);
    if (draft_.title.empty()) draft_.title = draft_.name;
    if (draft_.runtime.empty()) draft_.runtime = "other";
    say_what_is_missing();
    return std::move(draft_);
  }

 private:
  struct Source {
    std::string file;
    std::string text;
  };

  // The files that were named, told apart by what is in them.
  Status sort_sources() {
    for (const std::string& file : sources_.from) {
      const auto text = read_(file);
      if (!text) return fail(ErrorCode::not_found, fmt::format("cannot read {}", file));
      const auto root = read_value(*text, file);
      if (!root) return fail(root.error());
      if (root->has("openapi") || root->has("swagger")) openapi_.push_back({file, *text});
      else if (root->at("log").has("entries")) recordings_.push_back({file, *text});
      else if (root->has("services")) compose_.push_back({file, *text});
      else
        return fail(ErrorCode::invalid_argument,
                    fmt::format("{} is neither a Compose file (services), nor an OpenAPI document (openapi), nor a HAR "
                                "file (log.entries)",
                                file));
    }
    if (compose_.size() > 1)
      return fail(ErrorCode::invalid_argument, "two Compose files are named: merge them, by \"docker compose config\"");
    if (compose_.empty()) find(kComposeNames, compose_);
    if (openapi_.empty()) find(kOpenApiNames, openapi_);
    return {};
  }

  template <std::size_t count>
  void find(const std::array<const char*, count>& usual, std::vector<Source>& found) const {
    for (const char* const name : usual) {
      auto text = read_(name);
      if (!text) continue;
      found.push_back({name, std::move(*text)});
      return;
    }
  }

  Status read_compose() {
    if (compose_.empty()) {
      if (sources_.app.empty()) return {};
      return fail(ErrorCode::not_found, "--app names a service of a Compose file, and there is none here");
    }
    auto draft = draft_from_compose(compose_.front().text, compose_.front().file, sources_.app, read_);
    if (!draft) return fail(draft.error());
    draft_ = std::move(*draft);
    return {};
  }

  static std::string joined(std::string_view first, std::string_view second) {
    if (first.empty() || first == ".") return std::string(second);
    return fmt::format("{}/{}", first, second);
  }

  Status read_dockerfile() {
    if (!draft_.container.image.empty()) return {};
    const DraftBuild build = draft_.container.build.value_or(DraftBuild{});
    const std::string file = joined(build.context, build.dockerfile);
    const auto text = read_(file);
    if (!text) {
      draft_.remarks.push_back(
          {file, "it is not there: nothing says how the image is built; write it, or name an image"});
      return {};
    }
    draft_.container.build = build;
    read_instructions(*text, file);
    return {};
  }

  // Of the last stage, or of the one that is built: EXPOSE and HEALTHCHECK.
  void read_instructions(const std::string& text, const std::string& file) {
    int port = 0;
    std::optional<LocalUrl> health;
    bool is_done = false;
    for (const auto& [line, words] : instructions(text)) {
      const std::string verb = lower(line.substr(0, line.find_first_of(" \t")));
      if (verb == "from") {
        if (is_done) break;
        port = 0;
        health.reset();
        const std::string& target = draft_.container.build->target;
        is_done = !target.empty() && words.size() >= 4 && words.back() == target;
      } else if (verb == "expose" && words.size() > 1 && port == 0) {
        port = static_cast<int>(parse_int(words[1].substr(0, words[1].find('/'))).value_or(0));
      } else if (verb == "healthcheck") {
        health = local_url_in(line);
      }
    }
    if (draft_.port == 0 && port != 0) {
      draft_.port = port;
      draft_.port_because = file + " EXPOSE";
    }
    if (!draft_.readiness && health) draft_.readiness = DraftReadiness{health->path, "", file + " HEALTHCHECK"};
    if (draft_.port == 0 && health && health->port != 0) {
      draft_.port = health->port;
      draft_.port_because = file + " HEALTHCHECK";
    }
  }

  // Each with its continued lines joined, and its words.
  static std::vector<std::pair<std::string, Words>> instructions(const std::string& text) {
    std::vector<std::pair<std::string, Words>> all;
    std::string line;
    for (std::string_view part : split(text, '\n')) {
      part = trim(part);
      if (part.starts_with('#')) continue;
      const bool goes_on = part.ends_with('\\');
      line += goes_on ? part.substr(0, part.size() - 1) : part;
      line += goes_on ? " " : "";
      if (goes_on) continue;
      if (!trim(line).empty()) {
        Words words;
        for (const std::string_view word : split(line, ' ')) {
          if (!word.empty()) words.emplace_back(word);
        }
        all.emplace_back(line, std::move(words));
      }
      line.clear();
    }
    return all;
  }

  Status take(Result<DraftRequests> found) {
    if (!found) return fail(found.error());
    std::move(found->workloads.begin(), found->workloads.end(), std::back_inserter(draft_.workloads));
    std::move(found->remarks.begin(), found->remarks.end(), std::back_inserter(draft_.remarks));
    return {};
  }

  Status read_requests() {
    for (const Source& source : openapi_) {
      if (Status taken = take(requests_from_openapi(source.text, source.file)); !taken) return taken;
    }
    for (const Source& source : recordings_) {
      if (Status taken = take(requests_from_har(source.text, source.file)); !taken) return taken;
    }
    return sources_.curl.empty() ? Status() : take(requests_from_curl(sources_.curl));
  }

  // ---- whose it is ----
  void read_manifests() {
    const std::string context = draft_.container.build.value_or(DraftBuild{}).context;
    if (const auto text = read_(joined(context, "package.json"))) {
      draft_.runtime = "node";
      if (const auto json = read_value(*text, "package.json")) give_name(json->word("name"), json->word("version"));
    } else if (const auto module = read_(joined(context, "go.mod"))) {
      draft_.runtime = "go";
      give_name(name_of_module(std::string_view(*module).substr(0, module->find('\n'))), "");
    } else if (const auto project = read_(joined(context, "pyproject.toml"))) {
      draft_.runtime = "python";
      read_pyproject(*project);
    } else if (read_(joined(context, "requirements.txt"))) {
      draft_.runtime = "python";
    } else if (read_(joined(context, "CMakeLists.txt"))) {
      draft_.runtime = "cpp";
    }
  }

  // "module example.com/team/orders/v2": orders. The last part may be the major version alone.
  static std::string_view name_of_module(std::string_view line) {
    if (!line.starts_with("module ")) return {};
    std::string_view path = trim(line.substr(7));
    const std::size_t slash = path.rfind('/');
    const std::string_view last = slash == std::string_view::npos ? std::string_view() : path.substr(slash + 1);
    if (last.size() > 1 && last[0] == 'v' && parse_int(last.substr(1))) path = path.substr(0, slash);
    return path.substr(path.rfind('/') + 1);
  }

  void give_name(std::string_view name, std::string_view version) {
    if (const std::size_t scope = name.find('/'); name.starts_with('@') && scope != std::string_view::npos)
      name.remove_prefix(scope + 1);
    if (draft_.name.empty() && !name.empty()) draft_.name = name_from(name);
    if (draft_.title.empty() && !name.empty()) draft_.title = name;
    if (draft_.version.empty()) draft_.version = version;
  }

  // name and version of its table [project], as one line each.
  void read_pyproject(std::string_view text) {
    std::string name;
    std::string version;
    bool inside = false;
    for (std::string_view line : split(text, '\n')) {
      line = trim(line);
      if (line.starts_with('[')) inside = line == "[project]" || line == "[tool.poetry]";
      const std::size_t equals = line.find('=');
      if (!inside || equals == std::string_view::npos) continue;
      const std::string_view key = trim(line.substr(0, equals));
      std::string_view value = trim(line.substr(equals + 1));
      if (value.size() < 2 || (value.front() != '"' && value.front() != '\'')) continue;
      value = value.substr(1, value.find(value.front(), 1) - 1);
      if (key == "name") name = value;
      if (key == "version") version = value;
    }
    give_name(name, version);
  }

  void say_what_is_missing() {
    const bool is_there = draft_.container.build || !draft_.container.image.empty();
    if (draft_.port == 0 && is_there)
      draft_.remarks.push_back(
          {"run.port", "no EXPOSE, no ports, no healthcheck says where the server listens: write it"});
    if (!draft_.readiness)
      draft_.remarks.push_back(
          {"readiness", "nothing says when the server is ready: a GET of / that answers 2xx is taken for it"});
    if (draft_.workloads.empty())
      draft_.remarks.push_back({"workloads",
                                "no OpenAPI document, recording or line of curl says what to ask: the only request is "
                                "the one of readiness"});
  }

  const InitSources& sources_;
  const ReadBeside& read_;
  std::vector<Source> compose_;
  std::vector<Source> openapi_;
  std::vector<Source> recordings_;
  Draft draft_;
};

}  // namespace

std::string name_from(std::string_view text) {
  const auto is_small = [](char c) { return c >= 'a' && c <= 'z'; };
  std::string name;
  char before = ' ';
  for (const char c : text) {
    const char plain = lower(c);
    const bool begins_word = plain != c && is_small(before);  // ordersApi
    const bool is_kept = is_small(plain) || (plain >= '0' && plain <= '9' && !name.empty());
    if (!name.empty() && name.back() != '-' && (begins_word || !is_kept)) name += '-';
    if (is_kept) name += plain;
    before = c;
  }
  constexpr std::size_t kLongest = 40;
  if (name.size() > kLongest) name.resize(kLongest);
  while (!name.empty() && name.back() == '-') name.pop_back();
  if (name.size() < 2) name = name.empty() ? "my-service" : name + "-service";
  return name;
}

Result<Draft> draft_of_folder(const InitSources& sources, const ReadBeside& read) {
  return FolderReading(sources, read).draft();
}

}  // namespace dyno::adopt
