// The server of the benchmark: answers every request with the same 148 bytes, as fast as one core can (io_uring), so that the load
// generator is the limit. With a stall it does nothing for so long each so often: then the true latency is known by arithmetic.
// At SIGTERM it prints the mean and the standard deviation of the arrivals per millisecond, from the first to the last.
//   responder PORT [CPU] [STALL_MS EVERY_MS | h2 | json]
// json: eight answers, chosen by the digit that the path begins with; nothing pipelined.
#include <liburing.h>
#include <netinet/tcp.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "answering.h"

namespace {

constexpr unsigned kBuffers = 512;
constexpr std::size_t kBufferBytes = 16384;
constexpr std::int64_t kSpinNs = 50'000;
constexpr int kMost = 4096;  // answers in one send
constexpr int kKinds = 8;    // of answers in JSON

enum Operation : std::uint64_t { accept_one, receive_some, send_some };

volatile std::sig_atomic_t stop_requested = 0;

std::int64_t now_ns() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<std::int64_t>(now.tv_sec) * 1'000'000'000 + now.tv_nsec;
}

std::string answers() {
  const std::string one = bench::one_answer();
  std::string all;
  for (int i = 0; i < kMost; ++i) all += one;
  return all;
}

// One HTTP/2 connection, as far as a load generator can tell: each stream is answered with 200 and 13 bytes. Windows are not kept:
// every generator offers far more than these answers take.
class Http2Connection {
 public:
  // What `bytes` ask for, as the answer's bytes; they live until the call after the next three.
  const std::string& answer(std::string_view bytes) {
    input_ += bytes;
    std::string& out = outputs_[turn_++ % outputs_.size()];
    out.clear();
    std::size_t at = 0;
    constexpr std::size_t kPreface = 24;
    if (!begun_ && input_.size() >= kPreface) {
      begun_ = true;
      at = kPreface;
      frame(out, 0, 4, 0, 0);  // SETTINGS
    }
    while (begun_ && input_.size() - at >= 9) {
      const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(input_[at + i]); };
      const std::size_t length =
          static_cast<std::size_t>(byte(0)) << 16 | static_cast<std::size_t>(byte(1)) << 8 | byte(2);
      if (input_.size() - at < 9 + length) break;
      const std::uint32_t stream = static_cast<std::uint32_t>(byte(5) & 0x7f) << 24 |
                                   static_cast<std::uint32_t>(byte(6)) << 16 |
                                   static_cast<std::uint32_t>(byte(7)) << 8 | byte(8);
      const bool is_ack = (byte(4) & 1) != 0;
      if (byte(3) == 1) {  // HEADERS: ":status: 200" from the static table, a content-length, and the body
        constexpr std::string_view kHead("\x88\x0f\x0d\x02\x31\x33", 6);
        frame(out, kHead.size(), 1, 4, stream);
        out += kHead;
        frame(out, 13, 0, 1, stream);
        out += "Hello, World!";
      } else if (byte(3) == 4 && !is_ack) {
        frame(out, 0, 4, 1, 0);
      } else if (byte(3) == 6 && !is_ack) {
        frame(out, 8, 6, 1, 0);
        out.append(input_, at + 9, 8);
      }
      at += 9 + length;
    }
    input_.erase(0, at);
    return out;
  }

 private:
  static void frame(std::string& out, std::size_t length, char type, char flags, std::uint32_t stream) {
    for (int shift = 16; shift >= 0; shift -= 8) out += static_cast<char>(length >> shift & 0xff);
    out += type;
    out += flags;
    for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>(stream >> shift & 0xff);
  }

  std::string input_;
  std::array<std::string, 4> outputs_;
  std::size_t turn_ = 0;
  bool begun_ = false;
};

class Responder {
 public:
  Responder(int port, bool http2, bool json)
      : http2_(http2),
        json_(json),
        answers_(answers()),
        one_(answers_.size() / kMost),
        buffers_(kBuffers * kBufferBytes),
        matched_(70'000, 0) {
    io_uring_params parameters{};
    parameters.flags =
        IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN | IORING_SETUP_TASKRUN_FLAG | IORING_SETUP_CQSIZE;
    parameters.cq_entries = 16384;
    bench::check(io_uring_queue_init_params(4096, &ring_, &parameters), "io_uring");
    void* const memory =
        mmap(nullptr, kBuffers * sizeof(io_uring_buf), PROT_READ | PROT_WRITE, MAP_ANONYMOUS | MAP_PRIVATE, -1, 0);
    buffer_ring_ = static_cast<io_uring_buf_ring*>(memory);
    io_uring_buf_reg registration{};
    registration.ring_addr = reinterpret_cast<std::uint64_t>(memory);
    registration.ring_entries = kBuffers;
    bench::check(io_uring_register_buf_ring(&ring_, &registration, 0), "buffer ring");
    for (unsigned i = 0; i < kBuffers; ++i) give_back(i);
    for (int kind = 0; kind < kKinds; ++kind)
      json_answers_[static_cast<std::size_t>(kind)] = bench::one_json_answer(kind);
    listener_ = bench::listen_on(port, 0);
  }

  void serve(std::int64_t stall_ns, std::int64_t every_ns) {
    accept();
    begin_ns_ = now_ns();
    std::int64_t next_stall = now_ns() + every_ns;
    std::int64_t idle_since_ns = 0;  // 0: it is not
    while (stop_requested == 0) {
      // Asleep only after a while without work: to wake it is a cost of the generators, and on a virtual machine the greatest they have.
      if (io_uring_sq_ready(&ring_) != 0 || has_work()) {
        io_uring_submit_and_get_events(&ring_);
        idle_since_ns = 0;
      } else if (idle_since_ns == 0) {
        idle_since_ns = now_ns();
      } else if (now_ns() - idle_since_ns > kSpinNs) {
        __kernel_timespec timeout{0, 1'000'000};
        io_uring_cqe* first = nullptr;
        io_uring_submit_and_wait_timeout(&ring_, &first, 1, &timeout, nullptr);
        idle_since_ns = 0;
      }
      io_uring_cqe* completion = nullptr;
      if (every_ns > 0 && now_ns() >= next_stall) {
        // Exactly so long: what a sleep takes beyond its end, and a core that went cold in it, would not be in the arithmetic.
        const std::int64_t until = next_stall + stall_ns;
        while (now_ns() < until) {
        }
        next_stall += every_ns;
      }
      while (io_uring_peek_cqe(&ring_, &completion) == 0) {
        const io_uring_cqe copy = *completion;
        io_uring_cqe_seen(&ring_, completion);
        handle(copy);
      }
    }
  }

  void print_arrivals() const {
    const auto is_busy = [](std::uint32_t count) { return count != 0; };
    const auto first = std::find_if(per_ms_.begin(), per_ms_.end(), is_busy);
    const auto last = std::find_if(per_ms_.rbegin(), per_ms_.rend(), is_busy).base();
    if (last - first < 3) return;
    double sum = 0;
    double squares = 0;
    for (auto at = first + 1; at != last - 1; ++at) sum += *at;
    const double mean = sum / static_cast<double>(last - first - 2);
    for (auto at = first + 1; at != last - 1; ++at) squares += (*at - mean) * (*at - mean);
    std::printf("%.3f %.3f\n", mean, std::sqrt(squares / static_cast<double>(last - first - 2)));
  }

 private:
  bool has_work() const { return (__atomic_load_n(ring_.sq.kflags, __ATOMIC_RELAXED) & IORING_SQ_TASKRUN) != 0; }

  io_uring_sqe* entry(Operation operation, int fd) {
    io_uring_sqe* sqe = io_uring_get_sqe(&ring_);
    while (sqe == nullptr) {
      io_uring_submit(&ring_);
      sqe = io_uring_get_sqe(&ring_);
    }
    sqe->user_data = static_cast<std::uint64_t>(fd) << 2 | operation;
    return sqe;
  }

  void accept() {
    io_uring_sqe* const sqe = entry(accept_one, 0);
    const auto data = sqe->user_data;
    io_uring_prep_multishot_accept(sqe, listener_, nullptr, nullptr, 0);
    sqe->user_data = data;
  }

  void receive(int fd) {
    io_uring_sqe* const sqe = entry(receive_some, fd);
    const auto data = sqe->user_data;
    io_uring_prep_recv_multishot(sqe, fd, nullptr, 0, 0);
    sqe->user_data = data;
    sqe->flags = IOSQE_BUFFER_SELECT;
  }

  void answer(int fd, int count) {
    io_uring_sqe* const sqe = entry(send_some, fd);
    const auto data = sqe->user_data;
    io_uring_prep_send(sqe, fd, answers_.data(), one_ * static_cast<std::size_t>(std::min(count, kMost)),
                       MSG_NOSIGNAL | MSG_WAITALL);
    sqe->user_data = data;
    sqe->flags = IOSQE_CQE_SKIP_SUCCESS;
  }

  void answer_json(int fd, std::string_view request) {
    const auto kind = static_cast<std::size_t>(request.size() > 5 ? request[5] - '0' : 0);  // GET /7
    const std::string& one = json_answers_[kind % kKinds];
    io_uring_sqe* const sqe = entry(send_some, fd);
    const auto data = sqe->user_data;
    io_uring_prep_send(sqe, fd, one.data(), one.size(), MSG_NOSIGNAL | MSG_WAITALL);
    sqe->user_data = data;
    sqe->flags = IOSQE_CQE_SKIP_SUCCESS;
  }

  void answer_streams(int fd, std::string_view bytes) {
    const std::string& out = streams_[fd].answer(bytes);
    if (out.empty()) return;
    io_uring_sqe* const sqe = entry(send_some, fd);
    const auto data = sqe->user_data;
    io_uring_prep_send(sqe, fd, out.data(), out.size(), MSG_NOSIGNAL | MSG_WAITALL);
    sqe->user_data = data;
    sqe->flags = IOSQE_CQE_SKIP_SUCCESS;
  }

  void give_back(unsigned buffer) {
    io_uring_buf_ring_add(buffer_ring_, buffers_.data() + buffer * kBufferBytes, kBufferBytes,
                          static_cast<unsigned short>(buffer), io_uring_buf_ring_mask(kBuffers), 0);
    io_uring_buf_ring_advance(buffer_ring_, 1);
  }

  // How many requests end in these bytes; the end of one may be cut over two pieces.
  int requests_in(int fd, std::string_view bytes) {
    constexpr std::string_view kEnd = "\r\n\r\n";
    std::uint8_t& matched = matched_[static_cast<std::size_t>(fd)];
    int count = 0;
    if (matched == 0 &&
        bytes.ends_with(kEnd)) {  // one request, or the same one several times: quicker than any generator makes them
      const std::size_t one = bytes.find(kEnd) + kEnd.size();
      if (bytes.size() % one == 0 && std::memcmp(bytes.data(), bytes.data() + one, bytes.size() - one) == 0)
        return static_cast<int>(bytes.size() / one);
    }
    for (const char c : bytes) {
      matched = c == kEnd[matched] ? static_cast<std::uint8_t>(matched + 1) : c == '\r' ? 1 : 0;
      if (matched == 4) {
        ++count;
        matched = 0;
      }
    }
    return count;
  }

  void handle(const io_uring_cqe& completion) {
    const auto fd = static_cast<int>(completion.user_data >> 2);
    const auto operation = completion.user_data & 3;
    if (operation == accept_one) {
      if (completion.res >= 0) {
        const int on = 1;
        setsockopt(completion.res, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        matched_[static_cast<std::size_t>(completion.res)] = 0;
        if (http2_) streams_[completion.res] = {};
        receive(completion.res);
      }
      if ((completion.flags & IORING_CQE_F_MORE) == 0) accept();
      return;
    }
    if (operation == send_some) return;  // only failures are told; the receive sees them too
    if (completion.res > 0) {
      const unsigned buffer = completion.flags >> IORING_CQE_BUFFER_SHIFT;
      if (http2_) {
        answer_streams(fd, {buffers_.data() + buffer * kBufferBytes, static_cast<std::size_t>(completion.res)});
        give_back(buffer);
        if ((completion.flags & IORING_CQE_F_MORE) == 0) receive(fd);
        return;
      }
      const int count =
          requests_in(fd, {buffers_.data() + buffer * kBufferBytes, static_cast<std::size_t>(completion.res)});
      if (count > 0 && json_)
        answer_json(fd, {buffers_.data() + buffer * kBufferBytes, static_cast<std::size_t>(completion.res)});
      else if (count > 0) answer(fd, count);
      const auto ms = static_cast<std::size_t>((now_ns() - begin_ns_) / 1'000'000);
      if (ms < per_ms_.size()) per_ms_[ms] += static_cast<std::uint32_t>(count);
      give_back(buffer);
    }
    if (completion.res == 0 || (completion.res < 0 && completion.res != -ENOBUFS)) {
      close(fd);
    } else if ((completion.flags & IORING_CQE_F_MORE) == 0) {
      receive(fd);
    }
  }

  const bool http2_;
  const bool json_;
  std::array<std::string, kKinds> json_answers_;
  std::unordered_map<int, Http2Connection> streams_;
  const std::string answers_;
  const std::size_t one_;
  std::vector<char> buffers_;
  std::vector<std::uint8_t> matched_;
  io_uring ring_{};
  io_uring_buf_ring* buffer_ring_ = nullptr;
  int listener_ = -1;
  std::int64_t begin_ns_ = 0;
  std::vector<std::uint32_t> per_ms_ = std::vector<std::uint32_t>(120'000, 0);
};

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) return 2;
  if (argc > 2) bench::pin_to(std::atoi(argv[2]));
  const std::int64_t stall_ns = argc > 4 ? std::atoll(argv[3]) * 1'000'000 : 0;
  const std::int64_t every_ns = argc > 4 ? std::atoll(argv[4]) * 1'000'000 : 0;
  std::signal(SIGTERM, [](int) { stop_requested = 1; });
  // "h2" in place of the stall: HTTP/2 without TLS.
  const std::string_view mode = argc == 4 ? argv[3] : "";
  Responder responder(std::atoi(argv[1]), mode == "h2", mode == "json");
  responder.serve(stall_ns, every_ns);
  responder.print_arrivals();
}
