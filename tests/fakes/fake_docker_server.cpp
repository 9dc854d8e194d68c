#include "fakes/fake_docker_server.h"

#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <optional>

#include "base/check.h"
#include "base/text.h"

namespace dyno::fakes {
namespace {

constexpr int kPollMs = 20;

std::string temporary_folder() {
  std::string pattern = (std::filesystem::temp_directory_path() / "dyno-docker-XXXXXX").string();
  CHECK(mkdtemp(pattern.data()) != nullptr, "a temporary folder can be made");
  return pattern;
}

int listen_on(const std::string& path) {
  const int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  CHECK(listener >= 0 && path.size() < sizeof(address.sun_path), "a socket of a short path");
  path.copy(address.sun_path, path.size());
  unlink(path.c_str());
  CHECK(bind(listener, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 && listen(listener, 64) == 0,
        "the socket listens");
  return listener;
}

// Until the descriptor can be read; false at a stop.
bool await_readable(std::stop_token stop, int descriptor) {
  pollfd wait{descriptor, POLLIN, 0};
  while (!stop.stop_requested()) {
    if (poll(&wait, 1, kPollMs) > 0) return true;
  }
  return false;
}

bool send_all(int descriptor, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = send(descriptor, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

void stall(std::stop_token stop, int descriptor) {
  std::array<char, 256> rest{};
  while (await_readable(stop, descriptor) && recv(descriptor, rest.data(), rest.size(), 0) > 0) {
  }
}

std::size_t content_length(std::string_view head) {
  for (const std::string_view line : split(head, '\n')) {
    constexpr std::string_view kName = "Content-Length:";
    if (line.starts_with(kName))
      return static_cast<std::size_t>(parse_int(trim(line.substr(kName.size()))).value_or(0));
  }
  return 0;
}

WireRequest parse_head(std::string_view head) {
  const auto words = split(head.substr(0, head.find('\r')), ' ');
  CHECK(words.size() == 3, "a request line has three words");
  WireRequest request;
  request.method = words[0];
  std::string_view target = words[1];
  if (target.starts_with("/v1.")) {
    const std::size_t slash = target.find('/', 1);
    request.version = target.substr(2, slash - 2);
    target.remove_prefix(slash);
  }
  const std::size_t question = target.find('?');
  request.path = target.substr(0, question);
  if (question != std::string_view::npos) request.query = target.substr(question + 1);
  return request;
}

// The next request of a connection; `buffer` keeps what was read beyond it.
std::optional<WireRequest> read_request(std::stop_token stop, int descriptor, std::string& buffer) {
  std::array<char, 65536> part{};
  while (true) {
    const std::size_t end = buffer.find("\r\n\r\n");
    if (end != std::string::npos) {
      const std::size_t length = content_length(buffer.substr(0, end));
      if (buffer.size() >= end + 4 + length) {
        WireRequest request = parse_head(buffer.substr(0, end));
        request.body = buffer.substr(end + 4, length);
        buffer.erase(0, end + 4 + length);
        return request;
      }
    }
    if (!await_readable(stop, descriptor)) return std::nullopt;
    const ssize_t got = recv(descriptor, part.data(), part.size(), 0);
    if (got <= 0) return std::nullopt;
    buffer.append(part.data(), static_cast<std::size_t>(got));
  }
}

std::string line_of(const WireRequest& request) {
  return fmt::format("{} {}{}{}", request.method, request.path, request.query.empty() ? "" : "?", request.query);
}

bool is_handshake(const WireRequest& request) { return request.path == "/_ping" || request.path == "/version"; }

}  // namespace

FakeDockerServer::FakeDockerServer() : folder_(temporary_folder()), path_(folder_ + "/docker.sock") { listen_again(); }

FakeDockerServer::~FakeDockerServer() {
  die();
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

void FakeDockerServer::add_fault(WireFault fault) {
  const std::lock_guard lock(mutex_);
  faults_.push_back(std::move(fault));
}

void FakeDockerServer::clear_faults() {
  const std::lock_guard lock(mutex_);
  faults_.clear();
}

void FakeDockerServer::die() {
  acceptor_ = {};
  std::list<Connection> connections;
  {
    const std::lock_guard lock(mutex_);
    if (listener_ >= 0) close(listener_);
    listener_ = -1;
    connections.swap(connections_);
  }
  for (Connection& c : connections) c.thread.request_stop();
}

void FakeDockerServer::listen_again() {
  const int listener = listen_on(path_);
  {
    const std::lock_guard lock(mutex_);
    listener_ = listener;
  }
  acceptor_ = std::jthread([this, listener](std::stop_token stop) { accept_connections(std::move(stop), listener); });
}

std::vector<std::string> FakeDockerServer::requests() const {
  const std::lock_guard lock(mutex_);
  return requests_;
}

std::size_t FakeDockerServer::answer_size(const std::string& pattern) const {
  const std::lock_guard lock(mutex_);
  std::size_t size = 0;
  for (const auto& [line, bytes] : answer_sizes_) {
    if (line.starts_with(pattern)) size = bytes;
  }
  return size;
}

void FakeDockerServer::accept_connections(std::stop_token stop, int listener) {
  while (await_readable(stop, listener)) {
    const int descriptor = accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
    if (descriptor < 0) continue;
    const std::lock_guard lock(mutex_);
    // A thread that is not joined keeps its stack: an hour of them is more than a process may have.
    connections_.remove_if([](const Connection& c) { return c.has_ended.load(); });
    Connection& connection = connections_.emplace_back();
    connection.descriptor = descriptor;
    connection.thread = std::jthread([this, &connection](std::stop_token own) {
      serve(std::move(own), connection.descriptor);
      connection.has_ended = true;
    });
  }
}

void FakeDockerServer::serve(std::stop_token stop, int descriptor) {
  std::string buffer;
  while (const auto request = read_request(stop, descriptor, buffer)) {
    if (!respond(stop, descriptor, *request)) break;
  }
  close(descriptor);
}

bool FakeDockerServer::respond(std::stop_token stop, int descriptor, const WireRequest& request) {
  const std::string line = line_of(request);
  std::optional<WireFault> fault;
  {
    const std::lock_guard lock(mutex_);
    requests_.push_back(line);
    for (WireFault& candidate : faults_) {
      const bool matches =
          line.starts_with(candidate.pattern) && (!candidate.pattern.empty() || !is_handshake(request));
      if (!matches || candidate.times == 0 || fault) continue;
      if (candidate.times > 0) --candidate.times;
      fault = candidate;
    }
  }
  if (fault) return misbehave(stop, descriptor, *fault, request);
  if (request.path.ends_with("/wait") &&
      world_.answer({"GET", request.path.substr(0, request.path.size() - 4) + "json", "", "", ""}).status == 200) {
    // The engine sends the head at once: from then on the exit cannot be missed.
    if (!send_all(descriptor,
                  "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"))
      return false;
    const WireAnswer answer = world_.await_exit(request, stop);
    return send_all(descriptor, fmt::format("{:x}\r\n{}\r\n0\r\n\r\n", answer.body.size(), answer.body));
  }
  const std::string bytes = bytes_of(world_.answer(request));
  {
    const std::lock_guard lock(mutex_);
    answer_sizes_.emplace_back(line, bytes.size());
  }
  return send_all(descriptor, bytes);
}

bool FakeDockerServer::misbehave(std::stop_token stop, int descriptor, const WireFault& fault,
                                 const WireRequest& request) {
  switch (fault.kind) {
    case WireFaultKind::stall_head: stall(stop, descriptor); return false;
    case WireFaultKind::stall_body: {
      const std::string bytes =
          bytes_of(request.path.ends_with("/wait") ? WireAnswer{200, R"({"StatusCode":0})"} : world_.answer(request));
      const std::size_t head = bytes.find("\r\n\r\n") + 4;
      send_all(descriptor, std::string_view(bytes).substr(0, head + (bytes.size() - head) / 2));
      stall(stop, descriptor);
      return false;
    }
    case WireFaultKind::cut:
      send_all(descriptor, std::string_view(bytes_of(world_.answer(request))).substr(0, fault.cut_at));
      return false;
    case WireFaultKind::lose_answer: static_cast<void>(world_.answer(request)); return false;
    case WireFaultKind::lie: return send_all(descriptor, bytes_of(fault.lie));
  }
  return false;
}

std::string FakeDockerServer::bytes_of(const WireAnswer& answer) const {
  std::string head =
      fmt::format("HTTP/1.1 {} Said\r\nApi-Version: {}\r\nServer: Fake\r\n", answer.status, world_.newest());
  if (answer.status == 204 || answer.status == 304) return head + "\r\n";
  return head + fmt::format("Content-Type: {}\r\nContent-Length: {}\r\n\r\n", answer.content_type, answer.body.size()) +
         answer.body;
}

}  // namespace dyno::fakes
