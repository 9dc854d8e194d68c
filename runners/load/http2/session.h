// The client's end of one HTTP/2 connection, on nghttp2: streams out, answers in, all in memory. Knows neither sockets nor clocks.
// Streams are named by the places (0, 1, …) that the caller gives them. One thread.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "runners/load/http2/memory_pool.h"

struct nghttp2_session;  // which only the source includes

namespace dyno::loadgen {

// Headers of one request, with content-length. A workload draws 15 parts at most, which may all stand in headers.
constexpr std::size_t kMostDrawnFields = 16;

// All of a request except its path and what is drawn, made once.
struct Http2Request {
  std::string method = "GET";
  std::string scheme = "http";
  std::string authority;
  std::vector<std::pair<std::string, std::string>> headers;  // names in lower case
  std::string body;
  std::vector<std::size_t> drawn;  // the headers whose values are drawn
  bool is_body_drawn = false;
};

// whole: the answer is. given_up: by the server, or by us. not_taken: the server's goodbye (GOAWAY) left the stream out, or it never
// went out: nobody has seen the request, and another connection may have it.
enum class StreamEnd : std::uint8_t { whole, given_up, not_taken };

class Http2Session {
 public:
  class Listener {
   public:
    virtual ~Listener() = default;
    virtual void on_head(std::uint32_t place, int status) = 0;
    // False: enough of it; the stream ends as given up.
    virtual bool on_body(std::uint32_t place, std::string_view piece) = 0;
    // After on_head: Location, or all of them.
    virtual void on_field(std::uint32_t place, std::string_view name, std::string_view value) = 0;
    virtual void on_answer(std::uint32_t place, StreamEnd end) = 0;
  };

  // `wants_fields`: the listener is told all header fields of an answer.
  Http2Session(std::uint32_t places, MemoryPool& memory, bool wants_fields = false);
  ~Http2Session();
  Http2Session(Http2Session&& other) noexcept;
  Http2Session& operator=(Http2Session&&) = delete;

  // A new connection: its preface and settings are the first output.
  void begin();
  // False: this connection takes no further stream. `request` and `body` live until the answer, `path` and `fields`, the values of the
  // request's drawn headers, until the call returns.
  bool submit(const Http2Request& request, std::string_view path, const std::string_view* fields, std::string_view body,
              std::uint32_t place);
  // False: the server broke the protocol, and the connection is of no further use.
  bool feed(std::string_view bytes, Listener& listener);
  // Appends what is to be sent. A stream that the server's goodbye no longer lets out ends here.
  void take_output(std::string& out, Listener& listener);
  // The server takes no new streams (GOAWAY): the connection ends when those under way are done.
  bool is_ending() const;
  // How many streams the server allows at once; 0: it has not said so yet.
  std::uint32_t streams_allowed() const;
  // False: the session is over, for one end broke the protocol.
  bool is_alive() const;

 private:
  struct Callbacks;
  MemoryPool* memory_;
  nghttp2_session* session_ = nullptr;
  struct Body {
    const char* next = nullptr;
    std::size_t left = 0;
  };
  // On the heap, because nghttp2 keeps pointers into it while the session object may move.
  struct State {
    Listener* listener = nullptr;
    bool is_sending = false;
    bool wants_fields = false;
    std::vector<Body> bodies;  // of each place, what is still to be sent
  };
  std::unique_ptr<State> state_;
};

}  // namespace dyno::loadgen
