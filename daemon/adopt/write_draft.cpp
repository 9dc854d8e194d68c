#include "adopt/write_draft.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/text.h"

namespace dyno::adopt {
namespace {

bool is_plain(std::string_view text) {
  static constexpr std::array<std::string_view, 12> kWords{"true", "false", "yes", "no", "on",  "off",
                                                           "null", "y",     "n",   "~",  "nan", "inf"};
  if (text == ".") return true;
  if (text.empty() || std::find(kWords.begin(), kWords.end(), lower(text)) != kWords.end()) return false;
  const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
  const auto is_kept = [&](char c) {
    return is_letter(c) || (c >= '0' && c <= '9') || c == '_' || c == '.' || c == '/' || c == '-';
  };
  return (is_letter(text.front()) || text.front() == '/') && std::all_of(text.begin(), text.end(), is_kept);
}

// As YAML: plain where nobody could take it for something else.
std::string scalar(std::string_view text) {
  if (is_plain(text)) return std::string(text);
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    if (c == '\n') out += "\\n";
    else if (c == '\t') out += "\\t";
    else if (c == '\r') out += "\\r";
    else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F)
      out += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
    else out += c;
  }
  return out + '"';
}

std::string list(const Words& words) {
  std::string out = "[";
  for (const std::string& word : words) out += (out.size() > 1 ? ", " : "") + scalar(word);
  return out + "]";
}

class YamlText {
 public:
  void line(int level, std::string_view text) {
    out_ += std::string(static_cast<std::size_t>(level) * 2, ' ') + std::string(text) + "\n";
  }
  void pair(int level, std::string_view key, std::string_view value, std::string_view because = {}) {
    std::string text = fmt::format("{}: {}", key, value);
    if (!because.empty()) text += fmt::format("  # {}", because);
    line(level, text);
  }
  void pairs(int level, std::string_view key, const Pairs& pairs) {
    if (pairs.empty()) return;
    line(level, fmt::format("{}:", key));
    for (const auto& [name, value] : pairs) pair(level + 1, scalar(name), scalar(value));
  }
  void folders(int level, std::string_view key, const std::vector<DraftFolder>& folders) {
    if (folders.empty()) return;
    line(level, fmt::format("{}:", key));
    for (const auto& [path, size] : folders)
      line(level + 1, fmt::format("- {{path: {}, size: {}}}", scalar(path), size));
  }
  std::string take() { return std::move(out_); }

 private:
  std::string out_;
};

void write_origin(YamlText& out, const DraftContainer& container, bool is_service) {
  if (!container.image.empty()) {
    out.pair(0, "image", scalar(container.image));
    return;
  }
  if (!container.build) return;
  const DraftBuild& build = *container.build;
  out.line(0, "build:");
  out.pair(1, "context", is_service ? "." : scalar(build.context));
  out.pair(1, "dockerfile", scalar(build.dockerfile));
  if (!build.target.empty()) out.pair(1, "target", scalar(build.target));
  out.pairs(1, "args", build.args);
}

void write_limits(YamlText& out, const DraftContainer& container) {
  std::string inside;
  const auto add = [&inside](std::string_view key, std::string_view value) {
    if (!value.empty()) inside += fmt::format("{}{}: {}", inside.empty() ? "" : ", ", key, value);
  };
  add("memory", container.memory);
  add("pids", container.pids);
  add("open_files", container.open_files);
  add("shared_memory", container.shared_memory);
  if (!inside.empty()) out.pair(0, "limits", "{" + inside + "}");
}

void write_app_run(YamlText& out, const Draft& draft) {
  const DraftContainer& app = draft.container;
  out.line(0, "run:");
  if (!app.command.empty()) out.pair(1, "command", list(app.command));
  if (draft.port != 0) out.pair(1, "port", fmt::to_string(draft.port), draft.port_because);
  else out.line(1, "port: 8080  # NOT KNOWN: where does it listen?");
  if (!app.user.empty()) out.pair(1, "user", app.user);
  out.pairs(1, "env", app.env);
  if (!app.stop_signal.empty() || !app.stop_grace.empty())
    out.pair(1, "stop",
             fmt::format("{{signal: {}, grace: {}}}", app.stop_signal.empty() ? "SIGTERM" : app.stop_signal,
                         app.stop_grace.empty() ? "10s" : app.stop_grace));
  if (app.writable.value_or(false))
    out.pair(1, "writable", "true", "its root file system; without it nothing can be written but /tmp");
  out.folders(1, "tmpfs", app.tmpfs);
}

void write_readiness(YamlText& out, const Draft& draft) {
  const DraftReadiness ready =
      draft.readiness.value_or(DraftReadiness{"/", "", "NOT KNOWN: which path answers 2xx once it is ready?"});
  const std::string timeout = ready.timeout.empty() ? "" : ", timeout: " + ready.timeout;
  out.pair(0, "readiness", fmt::format("{{path: {}{}}}", scalar(ready.path), timeout), ready.because);
}

void write_request(YamlText& out, int level, const DraftRequest& request, bool is_alone) {
  if (!is_alone) {
    out.line(level, fmt::format("- name: {}", scalar(request.name)));
    ++level;
  }
  if (request.method != (request.body.empty() ? "GET" : "POST")) out.pair(level, "method", request.method);
  out.pair(level, "path", scalar(request.path));
  out.pairs(level, "headers", request.headers);
  if (!request.body.empty())
    out.pair(level, "body", request.body_is_json ? fmt::format("{{json: {}}}", request.body) : scalar(request.body));
  if (!is_alone && request.weight != 1) out.pair(level, "weight", fmt::to_string(request.weight));
  std::string expect = request.status == 0 ? "" : fmt::format("status: {}", request.status);
  if (!request.content_type.empty())
    expect += fmt::format("{}content_type: {}", expect.empty() ? "" : ", ", scalar(request.content_type));
  if (!expect.empty()) out.pair(level, "expect", "{" + expect + "}");
}

void write_workloads(YamlText& out, const Draft& draft) {
  out.line(0, "workloads:");
  for (const DraftWorkload& workload : draft.workloads) {
    out.line(1, fmt::format("{}:", scalar(workload.name)));
    if (workload.requests.size() == 1) {
      write_request(out, 2, workload.requests.front(), true);
      continue;
    }
    out.line(2, "mix:");
    for (const DraftRequest& request : workload.requests) write_request(out, 3, request, false);
  }
  if (!draft.workloads.empty()) return;
  out.line(1, "ready:  # the only request that is known: put yours here");
  out.pair(2, "path", scalar(draft.readiness ? draft.readiness->path : "/"));
}

// As comments: what it has to reach is for its owner to say.
void write_objectives(YamlText& out, const Draft& draft) {
  const std::string workload = draft.workloads.empty() ? "ready" : draft.workloads.front().name;
  out.line(0, "# objectives:  # each run says whether they are kept: daemon/docs/objectives.md");
  out.line(0, fmt::format("#   - p99 of {} at 50/s < 100 ms", workload));
  out.line(0, "#   - idle memory < 256 MiB");
}

void write_remarks(YamlText& out, const std::vector<Remark>& remarks) {
  if (remarks.empty()) return;
  out.line(0, "");
  out.line(0, "# Not taken over, or not known:");
  for (const auto& [place, message] : remarks)
    out.line(0, fmt::format("#   {}: {}", visible(place, 200), visible(message, 400)));
}

std::string stack_text(const Draft& draft) {
  YamlText out;
  out.line(0, "schema: stack/1");
  out.line(0, "contract: own  # a service of your own; what else can be said: daemon/docs/own-service.md");
  out.pair(0, "name", scalar(draft.name));
  if (draft.title != draft.name) out.pair(0, "title", scalar(draft.title));
  out.pair(0, "runtime", draft.runtime);
  if (!draft.version.empty()) out.pair(0, "version", scalar(draft.version));
  write_origin(out, draft.container, false);
  write_app_run(out, draft);
  write_readiness(out, draft);
  write_limits(out, draft.container);
  if (!draft.services.empty()) {
    Words names;
    for (const DraftService& service : draft.services) names.push_back(service.name);
    out.pair(0, "services", list(names), "each in services/<name>/service.yaml, found by its name on the network");
  }
  write_workloads(out, draft);
  write_objectives(out, draft);
  write_remarks(out, draft.remarks);
  return out.take();
}

std::string service_text(const DraftService& service) {
  const DraftContainer& container = service.container;
  YamlText out;
  out.line(0, "schema: service/1");
  out.pair(0, "name", scalar(service.name));
  write_origin(out, container, true);
  const bool is_writable = container.writable.value_or(true);
  if (!container.command.empty() || !container.env.empty() || !container.user.empty() || is_writable) {
    out.line(0, "run:");
    if (!container.command.empty()) out.pair(1, "command", list(container.command));
    if (!container.user.empty()) out.pair(1, "user", scalar(container.user));
    out.pairs(1, "env", container.env);
    if (is_writable) out.pair(1, "writable", "true");
  }
  write_limits(out, container);
  out.folders(0, "folders", container.tmpfs);
  if (!service.files.empty()) {
    out.line(0, "files:");
    for (const DraftFile& file : service.files)
      out.line(1, fmt::format("- {{from: {}, to: {}}}", scalar(file.name), scalar(file.to)));
  }
  if (!service.ready_command.empty())
    out.pair(0, "ready", fmt::format("{{command: {}, timeout: 60s}}", list(service.ready_command)));
  else if (service.ready_port != 0) out.pair(0, "ready", fmt::format("{{port: {}, timeout: 60s}}", service.ready_port));
  else out.line(0, "ready: {port: 1}  # NOT KNOWN: how does one see that it is ready?");
  out.pair(0, "reset", "restart", "before each trial: a new container");
  return out.take();
}

}  // namespace

std::vector<DraftedFile> files_of(const Draft& draft) {
  std::vector<DraftedFile> files{{"stackdyno.yaml", stack_text(draft)}};
  for (const DraftService& service : draft.services) {
    const std::string folder = fmt::format("services/{}/", service.name);
    files.push_back({folder + "service.yaml", service_text(service)});
    for (const DraftFile& file : service.files) files.push_back({.path = folder + file.name, .copy_of = file.source});
  }
  return files;
}

}  // namespace dyno::adopt
