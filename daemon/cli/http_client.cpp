#include "cli/http_client.h"

#include <curl/curl.h>
#include <fmt/format.h>

namespace dyno::cli {
namespace {

constexpr std::size_t kMaxAnswerBytes = 64 * 1024 * 1024;
constexpr long kConnectMs = 3000;

int ask_go_on(void* user, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  const auto& go_on = *static_cast<const std::function<bool()>*>(user);
  return go_on() ? 0 : 1;
}

}  // namespace

void EventParser::feed(std::string_view bytes) {
  for (const char c : bytes) {
    if (c != '\n') {
      line_.push_back(c);
      continue;
    }
    if (line_.ends_with('\r')) line_.pop_back();
    take_line(line_);
    line_.clear();
  }
}

void EventParser::take_line(std::string_view line) {
  if (line.empty()) {
    if (!event_.data.empty()) on_event_(event_);
    event_.name.clear();
    event_.data.clear();
    return;
  }
  const std::size_t colon = line.find(':');
  const std::string_view field = line.substr(0, colon);
  std::string_view value = colon == std::string_view::npos ? std::string_view() : line.substr(colon + 1);
  if (value.starts_with(' ')) value.remove_prefix(1);
  if (field == "id") event_.id = value;
  if (field == "event") event_.name = value;
  if (field == "data") {
    if (!event_.data.empty()) event_.data.push_back('\n');
    event_.data.append(value);
  }
}

class HttpClient::Handle {
 public:
  Handle() : curl(curl_easy_init()) {}
  ~Handle() {
    curl_slist_free_all(headers);
    curl_easy_cleanup(curl);
  }
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;

  static std::size_t take_bytes(char* bytes, std::size_t one, std::size_t count, void* user) {
    auto& handle = *static_cast<Handle*>(user);
    const std::string_view piece(bytes, one * count);
    long status = 0;
    curl_easy_getinfo(handle.curl, CURLINFO_RESPONSE_CODE, &status);
    if (handle.on_bytes != nullptr && status == 200) {
      (*handle.on_bytes)(piece);
      return piece.size();
    }
    if (handle.body.size() + piece.size() > kMaxAnswerBytes) return 0;
    handle.body.append(piece);
    return piece.size();
  }

  void add_header(const std::string& line) { headers = curl_slist_append(headers, line.c_str()); }

  CURL* curl;
  curl_slist* headers = nullptr;
  std::string body;
  const std::function<void(std::string_view)>* on_bytes = nullptr;  // set: a stream
};

HttpClient::HttpClient(std::string server, int timeout_s) : server_(std::move(server)), timeout_s_(timeout_s) {
  curl_global_init(CURL_GLOBAL_DEFAULT);
  while (server_.ends_with('/')) server_.pop_back();
}

HttpClient::~HttpClient() { curl_global_cleanup(); }

Outcome<HttpAnswer> HttpClient::perform(Handle& handle, const HttpRequest& request) {
  CURL* const curl = handle.curl;
  if (curl == nullptr) return fail_with(Exit::failure, "cannot start the HTTP library");
  if (!server_.starts_with("http://"))
    return fail_with(Exit::usage, fmt::format("--server must be an http:// address, not \"{}\"", server_));
  const std::string url = server_ + request.target;
  curl_easy_setopt(curl, CURLOPT_URL, url.c_str());
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl, CURLOPT_NOPROXY, "*");
  curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, kConnectMs);
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, &Handle::take_bytes);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, &handle);
  if (request.method != "GET") {
    curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, request.method.c_str());
    curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
    curl_easy_setopt(curl, CURLOPT_POSTFIELDS, request.body.data());
  }
  for (const auto& [name, value] : request.headers) handle.add_header(name + ": " + value);
  handle.add_header("Expect:");  // no round trip before a small body
  curl_easy_setopt(curl, CURLOPT_HTTPHEADER, handle.headers);
  const CURLcode code = curl_easy_perform(curl);
  long status = 0;
  curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
  if (code == CURLE_ABORTED_BY_CALLBACK) return HttpAnswer{static_cast<int>(status), {}};
  curl_off_t connected_us = 0;
  curl_easy_getinfo(curl, CURLINFO_CONNECT_TIME_T, &connected_us);
  const bool is_stream = handle.on_bytes != nullptr;
  if (code == CURLE_OPERATION_TIMEDOUT && connected_us > 0 && !is_stream)
    return fail_with(Exit::timed_out, fmt::format("{} did not answer in time", server_));
  if (code != CURLE_OK && is_stream && status == 200) return HttpAnswer{200, {}};  // the stream broke off
  if (code != CURLE_OK) {
    return fail_with(
        Exit::unreachable,
        fmt::format(
            "no daemon answers at {}: {}. Is dynod running? (Set another address with --server or STACKDYNO_SERVER.)",
            server_, curl_easy_strerror(code)));
  }
  curl_header* etag = nullptr;
  const bool has_etag = curl_easy_header(curl, "ETag", 0, CURLH_HEADER, -1, &etag) == CURLHE_OK;
  return HttpAnswer{static_cast<int>(status), std::move(handle.body), has_etag ? etag->value : ""};
}

Outcome<HttpAnswer> HttpClient::send(const HttpRequest& request) {
  Handle handle;
  if (handle.curl != nullptr) curl_easy_setopt(handle.curl, CURLOPT_TIMEOUT, static_cast<long>(timeout_s_));
  return perform(handle, request);
}

Outcome<HttpAnswer> HttpClient::follow(const HttpRequest& request,
                                       const std::function<void(std::string_view)>& on_bytes,
                                       const std::function<bool()>& go_on) {
  Handle handle;
  handle.on_bytes = &on_bytes;
  if (handle.curl != nullptr) {
    curl_easy_setopt(handle.curl, CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(handle.curl, CURLOPT_XFERINFOFUNCTION, &ask_go_on);
    curl_easy_setopt(handle.curl, CURLOPT_XFERINFODATA, const_cast<std::function<bool()>*>(&go_on));
    // The daemon sends at least a comment every ten seconds.
    curl_easy_setopt(handle.curl, CURLOPT_LOW_SPEED_LIMIT, 1L);
    curl_easy_setopt(handle.curl, CURLOPT_LOW_SPEED_TIME, 30L);
  }
  return perform(handle, request);
}

}  // namespace dyno::cli
