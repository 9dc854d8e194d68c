#include "api/static_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <optional>

#include "api/answers.h"
#include "api/negotiation.h"
#include "base/file.h"
#include "base/text.h"

namespace dyno::api {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxFileBytes = 16 * 1024 * 1024;

struct MediaType {
  std::string_view ending;
  std::string_view type;
};
constexpr std::array kMediaTypes{
    MediaType{".html", "text/html; charset=utf-8"},
    MediaType{".js", "text/javascript; charset=utf-8"},
    MediaType{".css", "text/css; charset=utf-8"},
    MediaType{".svg", "image/svg+xml"},
    MediaType{".png", "image/png"},
    MediaType{".ico", "image/x-icon"},
    MediaType{".json", "application/json"},
    MediaType{".webmanifest", "application/manifest+json"},
    MediaType{".woff2", "font/woff2"},
    MediaType{".txt", "text/plain; charset=utf-8"},
    MediaType{".map", "application/json"},
};

std::optional<std::string_view> type_of(std::string_view name) {
  const auto* const found = std::find_if(kMediaTypes.begin(), kMediaTypes.end(),
                                         [&](const MediaType& type) { return name.ends_with(type.ending); });
  if (found == kMediaTypes.end()) return std::nullopt;
  return found->type;
}

// Only a regular file that really lies below `root`, links followed.
std::optional<std::string> read_below(const fs::path& root, const fs::path& file) {
  std::error_code fault;
  const fs::path real_root = fs::canonical(root, fault);
  if (fault) return std::nullopt;
  const fs::path real = fs::canonical(root / file, fault);
  if (fault) return std::nullopt;
  if (std::mismatch(real_root.begin(), real_root.end(), real.begin(), real.end()).first != real_root.end())
    return std::nullopt;
  auto bytes = read_file(real.string(), kMaxFileBytes);
  if (!bytes) return std::nullopt;
  return std::move(*bytes);
}

std::optional<Response> serve_file(const fs::path& root, const fs::path& file, const Request& request) {
  const auto type = type_of(file.string());
  if (!type) return std::nullopt;
  auto plain = read_below(root, file);
  if (!plain) return std::nullopt;
  Response answer = text_answer(std::move(*plain), std::string(*type));
  // The build packed it as small as can be; finish_answer packs what has no packed neighbour.
  constexpr std::array kForms{Coding::br, Coding::gzip, Coding::identity};
  const auto coding = choose_coding(request.header("accept-encoding"), kForms);
  if (coding && *coding != Coding::identity) {
    auto packed = read_below(root, fs::path(file.string() + (*coding == Coding::br ? ".br" : ".gz")));
    if (packed) {
      answer.body = std::move(*packed);
      answer.headers.emplace_back("Content-Encoding", to_string(*coding));
    }
  }
  answer.headers.emplace_back("Vary", "Accept-Encoding");
  if (*file.begin() == "assets") {
    answer.headers.emplace_back("Cache-Control", "public, immutable, max-age=31536000");
    return answer;
  }
  return tagged_answer(std::move(answer));
}

Response plain_page() {
  return text_answer(
      "<!doctype html>\n<html lang=\"en\">\n<head><meta "
      "charset=\"utf-8\"><title>stackdyno</title></head>\n<body>\n<main>\n<h1>stackdyno</h1>\n"
      "<p>The daemon works, but the dashboard is not built. Build it with <code>npm ci &amp;&amp; npm run "
      "build</code> in <code>web/</code>, "
      "or use the command <code>dyno</code>.</p>\n<ul>\n<li><a href=\"/api/v1/runs\">Runs</a></li>\n<li><a "
      "href=\"/api/v1/stacks\">Stacks</a></li>\n"
      "<li><a href=\"/api/v1/openapi.json\">Description of the API</a></li>\n<li><a "
      "href=\"/readyz\">Health</a></li>\n</ul>\n</main>\n</body>\n</html>\n",
      "text/html; charset=utf-8");
}

Response not_found(const Request& request) {
  return problem_answer(Problem{404, "not-found", "there is nothing under this path", {}}, request.id);
}

}  // namespace

Response serve_dashboard(const std::string& web_dir, const Request& request) {
  if (request.method != "GET" && request.method != "HEAD") {
    Response answer =
        problem_answer(Problem{405, "method-not-allowed", "this path does not support that method", {}}, request.id);
    answer.headers.emplace_back("Allow", "GET, HEAD");
    return answer;
  }
  fs::path file;
  for (const std::string& segment : request.segments) file /= segment;
  const bool names_a_file =
      !request.segments.empty() && (request.segments.front() == "assets" || type_of(request.segments.back()));
  if (!web_dir.empty() && names_a_file) {
    auto answer = serve_file(web_dir, file, request);
    return answer ? std::move(*answer) : not_found(request);
  }
  if (names_a_file) return not_found(request);
  if (!web_dir.empty()) {
    if (auto index = serve_file(web_dir, "index.html", request)) return std::move(*index);
  }
  return request.segments.empty() ? plain_page() : not_found(request);
}

}  // namespace dyno::api
