#include "api/http_server.h"

#include <fmt/format.h>
#include <httplib.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <list>
#include <mutex>
#include <thread>

#include "api/answers.h"
#include "api/finish_answer.h"
#include "api/request.h"
#include "api/visitor_check.h"
#include "api/work_queue.h"
#include "base/id.h"

namespace dyno::api {
namespace {

// Reads the few bytes we give the library in place of the client's, and writes to the client's connection.
class ConnectionStream final : public httplib::Stream {
 public:
  ConnectionStream(int fd, std::string input, Clock& clock, Nanos timeout)
      : fd_(fd), input_(std::move(input)), clock_(clock), timeout_(timeout) {}

  bool is_readable() const override { return true; }
  // Also asks whether the other end has gone: nobody else notices while nothing is written.
  bool is_writable() const override {
    char byte = 0;
    const ssize_t got = ::recv(fd_, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    return got > 0 || (got < 0 && (errno == EAGAIN || errno == EINTR));
  }
  ssize_t read(char* bytes, std::size_t size) override {
    const std::size_t count = std::min(size, input_.size() - taken_);
    input_.copy(bytes, count, taken_);
    taken_ += count;
    return static_cast<ssize_t>(count);
  }
  ssize_t write(const char* bytes, std::size_t size) override {
    const MonotonicTime deadline = clock_.now() + timeout_;
    std::size_t sent = 0;
    while (sent < size) {
      const ssize_t count = ::send(fd_, bytes + sent, size - sent, MSG_NOSIGNAL | MSG_DONTWAIT);
      if (count > 0) {
        sent += static_cast<std::size_t>(count);
      } else if (errno == EAGAIN) {
        if (!wait_for_room(deadline)) return -1;
      } else if (errno != EINTR) {
        return -1;
      }
    }
    return static_cast<ssize_t>(size);
  }
  void get_remote_ip_and_port(std::string& ip, int& port) const override {
    ip.clear();
    port = 0;
  }
  void get_local_ip_and_port(std::string& ip, int& port) const override {
    ip.clear();
    port = 0;
  }
  socket_t socket() const override { return fd_; }

 private:
  bool wait_for_room(MonotonicTime deadline) const {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - clock_.now()).count();
    pollfd wanted{fd_, POLLOUT, 0};
    return left > 0 && ::poll(&wanted, 1, static_cast<int>(left)) > 0;
  }

  int fd_;
  std::string input_;
  std::size_t taken_ = 0;
  Clock& clock_;
  Nanos timeout_;
};

// Runs each task at once: the only task is to hand an accepted connection to the front.
class InlineQueue final : public httplib::TaskQueue {
 public:
  // The library's versions differ in what enqueue returns.
  using Enqueued = decltype(std::declval<httplib::TaskQueue&>().enqueue(std::function<void()>()));
  Enqueued enqueue(std::function<void()> task) override {
    task();
    return Enqueued(true);
  }
  void shutdown() override {}
};

// What the answer to the request now being written on this thread is: the library has no place for it on its way from
// process_request to the handler.
struct Writing {
  const Response* response = nullptr;
  const StreamSink* sink = nullptr;
  int minor_version = 1;
};
thread_local Writing writing;

// A fault in the middle leaves the last chunk unwritten: the reader sees that something is missing.
bool write_next_piece(httplib::DataSink& sink) {
  try {
    const auto piece = writing.response->pieces();
    if (!piece) {
      sink.done();
      return true;
    }
    return piece->empty() || sink.write(piece->data(), piece->size());
  } catch (const std::exception&) {
    return false;
  }
}

void copy_answer(httplib::Response& target) {
  const Response& response = *writing.response;
  target.status = response.status;
  for (const auto& [name, value] : response.headers) target.set_header(name, value);
  if (response.stream) {
    target.set_content_provider(response.content_type, [](std::size_t, httplib::DataSink& sink) {
      StreamSink out = *writing.sink;
      out.write = [&sink](std::string_view bytes) { return sink.write(bytes.data(), bytes.size()); };
      writing.response->stream(out);
      sink.done();
      return true;
    });
  } else if (response.pieces) {
    const auto write_pieces = [](std::size_t, httplib::DataSink& sink) { return write_next_piece(sink); };
    // Without chunks the end of the connection ends the body, which is all that HTTP/1.0 knows.
    if (writing.minor_version == 0) {
      target.set_content_provider(response.content_type, write_pieces);
    } else {
      target.set_chunked_content_provider(response.content_type, write_pieces);
    }
  } else if (!response.content_type.empty()) {
    target.set_content(response.body, response.content_type);
  }
}

class Listener final : public httplib::Server {
 public:
  explicit Listener(std::function<void(int)> on_connection) : on_connection_(std::move(on_connection)) {
    new_task_queue = [] { return new InlineQueue; };
    set_socket_options([](socket_t fd) {
      const int on = 1;
      ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);  // not SO_REUSEPORT: a second daemon must fail
    });
    set_pre_routing_handler([](const httplib::Request&, httplib::Response& response) {
      copy_answer(response);
      return httplib::Server::HandlerResponse::Handled;
    });
  }

  // The library listens with a backlog of five, which a handful of tabs would overflow.
  void widen_backlog() { ::listen(svr_sock_, 256); }

  void write_answer(httplib::Stream& stream) { call_process_request(*this, stream); }

 private:
  bool process_and_close_socket(socket_t fd) override {
    on_connection_(fd);
    return true;
  }

  // 0.18 takes the addresses of both ends as well.
  template <class Self>
  static void call_process_request(Self& self, httplib::Stream& stream) {
    bool closed = false;
    const std::function<void(httplib::Request&)> setup;
    const std::string no_address;
    if constexpr (requires { self.process_request(stream, no_address, 0, no_address, 0, true, closed, setup); }) {
      self.process_request(stream, no_address, 0, no_address, 0, true, closed, setup);
    } else {
      self.process_request(stream, true, closed, setup);
    }
  }

  std::function<void(int)> on_connection_;
};

void add_common_headers(Response& response) {
  constexpr std::string_view kPolicy =
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri "
      "'none'; form-action 'self'; "
      "frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'";
  const bool has_caching = std::any_of(response.headers.begin(), response.headers.end(),
                                       [](const auto& h) { return h.first == "Cache-Control"; });
  if (!has_caching) response.headers.emplace_back("Cache-Control", "no-store");
  response.headers.emplace_back("Content-Security-Policy", kPolicy);
  response.headers.emplace_back("Accept-Ranges", "none");  // the library would promise them to a HEAD
  response.headers.emplace_back("X-Content-Type-Options", "nosniff");
  response.headers.emplace_back("Referrer-Policy", "no-referrer");
  response.headers.emplace_back("Cross-Origin-Opener-Policy", "same-origin");
  response.headers.emplace_back("Cross-Origin-Resource-Policy", "same-origin");
}

bool is_loopback(std::string_view address) {
  return address == "127.0.0.1" || address == "::1" || address == "localhost";
}

}  // namespace

class HttpServer::Inside {
 public:
  Inside(const HttpOptions& options, Clock& clock, Handle handle)
      : options_(options),
        clock_(clock),
        handle_(std::move(handle)),
        listener_([this](int fd) { accept_connection(fd); }),
        front_(clock, options.front, [this](Arrival arrival) { take(std::move(arrival)); }),
        work_(options.workers),
        reading_(1),
        ready_(1) {}

  ~Inside() {
    listener_.stop();
    if (accepting_.joinable()) accepting_.join();
    front_.stop();
    std::list<Stream> streams;
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
      streams.swap(streams_);
    }
    for (Stream& stream : streams) stream.thread.request_stop();
  }

  Status listen() {
    if (options_.port == 0) {
      port_ = listener_.bind_to_any_port(options_.address);
      if (port_ <= 0) return fail(ErrorCode::io, fmt::format("listening on {}", options_.address));
    } else {
      if (!listener_.bind_to_port(options_.address, options_.port)) {
        return fail(ErrorCode::conflict,
                    fmt::format("another program uses port {} of {}", options_.port, options_.address));
      }
      port_ = options_.port;
    }
    listener_.widen_backlog();
    hosts_ = own_hosts(port_, options_.more_hosts);
    accepting_ = std::jthread([this] { listener_.listen_after_bind(); });
    // stop() is heard only by a listener that runs.
    while (!listener_.is_running()) std::this_thread::yield();
    return {};
  }

  int port() const { return port_; }
  int open_streams() const { return open_streams_; }

 private:
  struct Stream {
    std::jthread thread;
    std::shared_ptr<std::atomic<bool>> done;  // owned by the list and by the thread that sets it
  };

  void accept_connection(int fd) {
    const int on = 1;
    ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    front_.add(Descriptor(fd));
  }

  void take(Arrival arrival) {
    // std::function copies what it holds; a connection cannot be copied. The queue is the only owner.
    auto shared = std::make_shared<Arrival>(std::move(arrival));
    // Whether the daemon lives is a constant that fits a socket's buffer: the front's own thread says it, whatever all others do.
    if (is_for(*shared, "/healthz")) return answer(std::move(*shared));
    queue_for(*shared).put([this, shared] { answer(std::move(*shared)); });
  }

  WorkQueue& queue_for(const Arrival& arrival) {
    if (is_for(arrival, "/readyz")) return ready_;
    return reads_folders(arrival) ? reading_ : work_;
  }

  static bool is_for(const Arrival& arrival, std::string_view path) {
    const auto* const collected = std::get_if<CollectedRequest>(&arrival.what);
    return collected != nullptr && collected->head.target == path;
  }

  // These read files as large as somebody likes, or parse text: one after the other, and never in the way of the rest.
  static bool reads_folders(const Arrival& arrival) {
    const auto* const collected = std::get_if<CollectedRequest>(&arrival.what);
    return collected != nullptr && collected->head.method == "POST" &&
           collected->head.target.starts_with("/api/v1/stacks/");
  }

  Response respond(const Arrival& arrival, Request& request) {
    request.id = "req-" + new_id(clock_.wall_now());
    request.peer = arrival.peer;
    if (const auto* const refusal = std::get_if<Refusal>(&arrival.what))
      return problem_answer(problem_of(*refusal), request.id);
    const auto& collected = std::get<CollectedRequest>(arrival.what);
    request.method = collected.head.method;
    request.minor_version = collected.head.minor_version;
    request.headers = collected.head.headers;
    request.body = collected.body;
    if (const auto refusal = check_visitor(request, hosts_)) return problem_answer(problem_of(*refusal), request.id);
    auto target = parse_target(collected.head.target);
    if (!target) return problem_answer(problem_of(target.error()), request.id);
    request.path = std::move(target->path);
    request.segments = std::move(target->segments);
    request.query = std::move(target->query);
    try {
      return finish_answer(request, handle_(request));
    } catch (const std::exception&) {  // out of memory, or a fault of ours: one request, not the daemon
      return problem_answer(Problem{500, "internal", "something went wrong inside dynod", {}}, request.id);
    }
  }

  void answer(Arrival arrival) {
    Request request;
    Response response = respond(arrival, request);
    if (response.stream && request.method == "HEAD") response.stream = nullptr;
    if (response.stream && !start_stream(arrival, response, request)) {
      response = problem_answer(Problem{503, "too-many-streams", "all live streams are in use", {}}, request.id);
    }
    if (response.stream) return;
    add_common_headers(response);
    write(arrival.connection.get(), request, response, std::stop_token());
    front_.linger(std::move(arrival.connection));
  }

  // Takes the connection over when there is a place for one more stream.
  bool start_stream(Arrival& arrival, const Response& response, const Request& request) {
    const std::lock_guard lock(mutex_);
    streams_.remove_if([](const Stream& stream) { return stream.done->load(); });
    if (stopping_ || streams_.size() >= static_cast<std::size_t>(options_.streams)) return false;
    auto done = std::make_shared<std::atomic<bool>>(false);
    auto connection = std::make_shared<Descriptor>(std::move(arrival.connection));
    Response answer = response;
    add_common_headers(answer);
    ++open_streams_;
    streams_.push_back(
        {std::jthread([this, done, connection, answer = std::move(answer), request](std::stop_token stop) {
           write(connection->get(), request, answer, std::move(stop));
           front_.linger(std::move(*connection));
           --open_streams_;
           *done = true;
         }),
         done});
    return true;
  }

  // The library is given a request of our own making: it never sees a byte that came from outside.
  void write(int fd, const Request& request, const Response& response, std::stop_token stop) {
    const std::string input =
        (request.method == "HEAD" ? "HEAD" : "GET") + std::string(" / HTTP/1.1\r\nConnection: close\r\n\r\n");
    ConnectionStream stream(fd, input, clock_, options_.write_timeout);
    const StreamSink sink{{}, [&stream] { return stream.is_writable(); }, std::move(stop)};
    writing = {&response, &sink, request.minor_version};
    listener_.write_answer(stream);
    writing = {};
  }

  // Set once before listening.
  HttpOptions options_;
  Clock& clock_;
  Handle handle_;
  std::vector<std::string> hosts_;
  int port_ = 0;

  std::atomic<int> open_streams_ = 0;

  // Guarded by mutex_.
  std::mutex mutex_;
  std::list<Stream> streams_;
  bool stopping_ = false;

  Listener listener_;
  HttpFront front_;  // before the workers, which give connections back to it
  WorkQueue work_;
  WorkQueue reading_;
  WorkQueue ready_;
  std::jthread accepting_;
};

HttpServer::HttpServer(std::unique_ptr<Inside> inside) : inside_(std::move(inside)) {}
HttpServer::~HttpServer() = default;

Result<std::unique_ptr<HttpServer>> HttpServer::start(const HttpOptions& options, Clock& clock, Handle handle) {
  if (!is_loopback(options.address)) {
    const std::string words = fmt::format(
        "listening on {} is refused: there is no sign-in yet, so only 127.0.0.1, ::1 and localhost are allowed",
        options.address);
    return fail(ErrorCode::invalid_argument, words);
  }
  auto inside = std::make_unique<Inside>(options, clock, std::move(handle));
  if (auto listening = inside->listen(); !listening) return fail(listening.error());
  return std::unique_ptr<HttpServer>(new HttpServer(std::move(inside)));
}

int HttpServer::port() const { return inside_->port(); }
int HttpServer::open_streams() const { return inside_->open_streams(); }

}  // namespace dyno::api
