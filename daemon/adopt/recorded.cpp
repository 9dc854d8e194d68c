#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <optional>

#include "adopt/requests.h"
#include "adopt/value.h"
#include "adopt/words.h"
#include "base/encoding.h"
#include "base/text.h"

namespace dyno::adopt {
namespace {

struct SplitUrl {
  std::string host;    // with its port
  std::string target;  // path and query
};

// In a workload's path a brace begins something that is drawn.
std::string without_braces(std::string_view target) {
  std::string encoded;
  for (const char c : target) {
    if (c == '{') encoded += "%7B";
    else if (c == '}') encoded += "%7D";
    else encoded += c;
  }
  return encoded;
}

bool has_brace(std::string_view value) { return value.find_first_of("{}") != std::string_view::npos; }

std::string brace_remark(std::string_view name) {
  return fmt::format("the header {} is left out: a brace in it would stand for something that is drawn", name);
}

std::optional<SplitUrl> split_url(std::string_view url) {
  const std::size_t scheme = url.find("://");
  if (scheme == std::string_view::npos) return std::nullopt;
  const std::string_view rest = url.substr(scheme + 3, url.find('#') - (scheme + 3));
  const std::size_t end = std::min(rest.find_first_of("/?"), rest.size());
  SplitUrl parts{std::string(rest.substr(0, end)), std::string(rest.substr(end))};
  if (parts.target.empty() || parts.target.front() != '/') parts.target.insert(0, "/");
  parts.target = without_braces(parts.target);
  const std::size_t at = parts.host.rfind('@');
  if (at != std::string::npos) parts.host.erase(0, at + 1);
  return parts;
}

// Of the browser or of the connection, and not of the request.
bool is_of_browser(std::string_view name) {
  static constexpr std::array<std::string_view, 18> kOfBrowser{
      "host",       "connection", "content-length", "content-type", "accept-encoding", "accept-language",
      "user-agent", "cookie",     "referer",        "origin",       "pragma",          "cache-control",
      "dnt",        "te",         "priority",       "keep-alive",   "if-none-match",   "if-modified-since"};
  const std::string plain = lower(name);
  return plain.starts_with(':') || plain.starts_with("sec-") || plain == "upgrade-insecure-requests" ||
         std::find(kOfBrowser.begin(), kOfBrowser.end(), plain) != kOfBrowser.end();
}

bool is_asset(std::string_view type) {
  for (const std::string_view word : {"image/", "font/", "text/css", "javascript", "audio/", "video/", "font-woff"}) {
    if (type.find(word) != std::string_view::npos) return true;
  }
  return false;
}

std::string media_type(std::string_view type) { return lower(trim(type.substr(0, type.find(';')))); }

// JSON as JSON, so that it can be read and changed in the file.
void set_body(DraftRequest& request, std::string_view text, std::string_view type) {
  request.body = text;
  request.body_is_json = type.find("json") != std::string_view::npos;
  if (!request.body_is_json && !type.empty()) request.headers.emplace_back("Content-Type", type);
}

bool is_secret(std::string_view name) {
  const std::string plain = lower(name);
  return plain == "authorization" || plain == "proxy-authorization" || plain.find("token") != std::string::npos ||
         plain.find("api-key") != std::string::npos;
}

class HarReading {
 public:
  explicit HarReading(std::string file) : file_(std::move(file)) {}

  DraftRequests read(const Value& entries) {
    workload_.name = "recorded";
    for (std::size_t i = 0; i < entries.entries.size(); ++i) add(entries.entries[i].second, i);
    for (const auto& [host, count] : elsewhere_)
      found_.remarks.push_back(
          {file_, fmt::format("{} requests to {} are left out: {} is measured", count, host, host_)});
    if (assets_ > 0)
      found_.remarks.push_back({file_, fmt::format("{} images, styles, scripts and fonts are left out", assets_)});
    if (!workload_.requests.empty()) found_.workloads.push_back(std::move(workload_));
    return std::move(found_);
  }

 private:
  void add(const Value& entry, std::size_t index) {
    const Value& asked = entry.at("request");
    const Value& answer = entry.at("response");
    const std::string place = fmt::format("{} /log/entries/{}", file_, index);
    const auto url = split_url(asked.word("url"));
    if (!url) {
      found_.remarks.push_back({place, "its url is none"});
      return;
    }
    if (host_.empty()) host_ = url->host;
    if (url->host != host_) {
      ++elsewhere_[url->host];
      return;
    }
    if (is_asset(answer.at("content").word("mimeType"))) {
      ++assets_;
      return;
    }
    DraftRequest request;
    request.method = asked.word("method");
    request.path = url->target;
    request.name = fmt::format("{} {}", request.method, request.path.substr(0, request.path.find('?')));
    const Value& posted = asked.at("postData");
    if (posted.has("text")) set_body(request, posted.word("text"), media_type(posted.word("mimeType")));
    take_headers(asked, request, place);
    request.status = static_cast<int>(parse_int(answer.word("status")).value_or(0));
    if (request.status < 100) request.status = 0;  // the browser had no answer
    if (request.status / 100 == 2) request.content_type = media_type(answer.at("content").word("mimeType"));
    keep(std::move(request));
  }

  void take_headers(const Value& asked, DraftRequest& request, const std::string& place) {
    for (const auto& [unnamed, header] : asked.at("headers").entries) {
      const std::string name(header.word("name"));
      if (is_of_browser(name)) continue;
      if (has_brace(header.word("value"))) {
        found_.remarks.push_back({place, brace_remark(name)});
        continue;
      }
      if (is_secret(name))
        found_.remarks.push_back(
            {place, fmt::format("the header {} looks like a secret: it is written into the file", name)});
      request.headers.emplace_back(name, header.word("value"));
    }
    if (!asked.at("cookies").entries.empty())
      found_.remarks.push_back({place, "its cookies are left out: take them in a session's first step"});
  }

  // The same request again counts for its weight.
  void keep(DraftRequest request) {
    for (DraftRequest& other : workload_.requests) {
      if (other.method != request.method || other.path != request.path || other.body != request.body) continue;
      ++other.weight;
      return;
    }
    workload_.requests.push_back(std::move(request));
  }

  const std::string file_;
  std::string host_;
  int assets_ = 0;
  std::map<std::string, int> elsewhere_;
  DraftWorkload workload_;
  DraftRequests found_;
};

// ---- curl ----

class CurlReading {
 public:
  Result<DraftRequests> read(const Words& words) {
    for (std::size_t i = 0; i < words.size(); ++i) {
      if (i == 0 && words[i] == "curl") continue;
      if (Status taken = take(words, i); !taken) return fail(taken.error());
    }
    if (url_.empty()) return fail(ErrorCode::invalid_argument, "the line of curl has no URL");
    const auto parts = split_url(url_.find("://") == std::string::npos ? "http://" + url_ : url_);
    if (!parts) return fail(ErrorCode::invalid_argument, fmt::format("\"{}\" is no URL", visible(url_, 100)));
    return finished(*parts);
  }

 private:
  DraftRequests finished(const SplitUrl& parts) {
    request_.path = parts.target;
    if (as_query_ && !data_.empty()) {
      request_.path += (request_.path.find('?') == std::string::npos ? "?" : "&") + data_;
    } else if (has_data_) {
      if (request_.method.empty()) request_.method = "POST";
      set_body(request_, data_, type_.empty() ? "application/x-www-form-urlencoded" : media_type(type_));
    } else if (!type_.empty()) {
      request_.headers.emplace_back("Content-Type", type_);
    }
    if (request_.method.empty()) request_.method = "GET";
    request_.name = fmt::format("{} {}", request_.method, request_.path.substr(0, request_.path.find('?')));
    const std::string path = request_.path.substr(0, request_.path.find('?'));
    found_.workloads.push_back({name_from(path == "/" ? "root" : request_.name), {request_}});
    return std::move(found_);
  }

  void remark(std::string message) { found_.remarks.push_back({"curl", std::move(message)}); }

  Status take(const Words& words, std::size_t& i) {
    const std::string& word = words[i];
    if (!word.starts_with('-') || word == "-") {
      if (url_.empty()) url_ = word;
      else remark(fmt::format("a second URL is left out: {}", word));
      return {};
    }
    std::string option = word;
    std::optional<std::string> value;
    if (word.starts_with("--") && word.find('=') != std::string::npos) {
      option = word.substr(0, word.find('='));
      value = word.substr(word.find('=') + 1);
    } else if (!word.starts_with("--") && word.size() > 2 && takes_value(word.substr(0, 2))) {
      option = word.substr(0, 2);
      value = word.substr(2);
    }
    if (takes_value(option) && !value) {
      if (i + 1 == words.size()) return fail(ErrorCode::invalid_argument, fmt::format("{} needs a value", option));
      value = words[++i];
    }
    apply(option, value.value_or(""));
    return {};
  }

  static bool takes_value(std::string_view option) {
    static constexpr std::array<std::string_view, 44> kWithValue{"-X",
                                                                 "--request",
                                                                 "-H",
                                                                 "--header",
                                                                 "-d",
                                                                 "--data",
                                                                 "--data-raw",
                                                                 "--data-binary",
                                                                 "--data-ascii",
                                                                 "--data-urlencode",
                                                                 "--json",
                                                                 "-u",
                                                                 "--user",
                                                                 "-A",
                                                                 "--user-agent",
                                                                 "-b",
                                                                 "--cookie",
                                                                 "-e",
                                                                 "--referer",
                                                                 "--url",
                                                                 "-o",
                                                                 "--output",
                                                                 "-m",
                                                                 "--max-time",
                                                                 "--connect-timeout",
                                                                 "-F",
                                                                 "--form",
                                                                 "-T",
                                                                 "--upload-file",
                                                                 "-x",
                                                                 "--proxy",
                                                                 "-c",
                                                                 "--cookie-jar",
                                                                 "--cacert",
                                                                 "-E",
                                                                 "--cert",
                                                                 "--key",
                                                                 "-w",
                                                                 "--write-out",
                                                                 "--retry",
                                                                 "-r",
                                                                 "--range",
                                                                 "--resolve",
                                                                 "--oauth2-bearer"};
    return std::find(kWithValue.begin(), kWithValue.end(), option) != kWithValue.end();
  }

  void add_data(const std::string& value) {
    if (value.starts_with('@')) {
      remark(fmt::format("the body comes from {}: name the file under body", value.substr(1)));
      return;
    }
    data_ += (data_.empty() ? "" : "&") + value;
    has_data_ = true;
  }

  void apply(const std::string& option, const std::string& value) {
    if (option == "-X" || option == "--request") {
      request_.method = value;
    } else if (option == "-H" || option == "--header") {
      add_header(value);
    } else if (option == "-d" || option == "--data" || option == "--data-raw" || option == "--data-binary" ||
               option == "--data-ascii" || option == "--data-urlencode") {
      add_data(value);
    } else if (option == "--json") {
      type_ = "application/json";
      add_data(value);
    } else if (option == "-u" || option == "--user") {
      request_.headers.emplace_back("Authorization", "Basic " + to_base64(value));
    } else if (option == "--oauth2-bearer") {
      request_.headers.emplace_back("Authorization", "Bearer " + value);
    } else if (option == "-A" || option == "--user-agent") {
      request_.headers.emplace_back("User-Agent", value);
    } else if (option == "-b" || option == "--cookie") {
      request_.headers.emplace_back("Cookie", value);
    } else if (option == "-e" || option == "--referer") {
      request_.headers.emplace_back("Referer", value);
    } else if (option == "--url") {
      url_ = value;
    } else if (option == "-G" || option == "--get") {
      as_query_ = true;
    } else if (option == "-I" || option == "--head") {
      request_.method = "HEAD";
    } else if (!is_of_terminal(option)) {
      remark(fmt::format("{}{} is left out", option, value.empty() ? "" : " " + value));
    }
  }

  // What it says is of no meaning for the request.
  static bool is_of_terminal(std::string_view option) {
    static constexpr std::array<std::string_view, 16> kOfTerminal{
        "-s", "--silent", "-S", "--show-error", "-v", "--verbose",    "-i", "--include",
        "-o", "--output", "-w", "--write-out",  "-#", "--compressed", "-f", "--fail"};
    return std::find(kOfTerminal.begin(), kOfTerminal.end(), option) != kOfTerminal.end();
  }

  void add_header(std::string_view line) {
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) {
      remark(fmt::format("the header \"{}\" has no value", line));
      return;
    }
    const std::string name(trim(line.substr(0, colon)));
    const std::string value(trim(line.substr(colon + 1)));
    if (lower(name) == "content-type") type_ = value;
    else if (has_brace(value)) remark(brace_remark(name));
    else request_.headers.emplace_back(name, value);
  }

  std::string url_;
  std::string data_;
  bool has_data_ = false;
  bool as_query_ = false;
  std::string type_;
  DraftRequest request_{.method = ""};
  DraftRequests found_;
};

}  // namespace

Result<DraftRequests> requests_from_har(std::string_view text, const std::string& file) {
  const auto root = read_value(text, file);
  if (!root) return fail(root.error());
  const Value& entries = root->at("log").at("entries");
  if (!entries.is_list())
    return fail(ErrorCode::invalid_argument, fmt::format("{} has no /log/entries: it is no HAR file", file));
  DraftRequests found = HarReading(file).read(entries);
  if (found.workloads.empty())
    return fail(ErrorCode::invalid_argument, fmt::format("{} holds no request that can be sent", file));
  return found;
}

Result<DraftRequests> requests_from_curl(std::string_view line) {
  const auto words = shell_words(line);
  if (!words) return fail(words.error());
  return CurlReading().read(*words);
}

}  // namespace dyno::adopt
