#include "runners/load/http2/session.h"

#include <algorithm>
#include <array>
#include <cstring>

#include <nghttp2/nghttp2.h>

#include "base/check.h"

namespace dyno::loadgen {
namespace {

// Large enough that no server ever waits for us: what is measured is the server, not our flow control.
constexpr std::uint32_t kStreamWindow = 16 * 1024 * 1024;
constexpr std::int32_t kConnectionWindow = 1 << 30;

nghttp2_nv header(std::string_view name, std::string_view value) {
  // nghttp2 takes mutable pointers and, with these flags, neither changes nor copies what is behind them.
  return {reinterpret_cast<std::uint8_t*>(const_cast<char*>(name.data())),
          reinterpret_cast<std::uint8_t*>(const_cast<char*>(value.data())), name.size(), value.size(),
          NGHTTP2_NV_FLAG_NO_COPY_NAME | NGHTTP2_NV_FLAG_NO_COPY_VALUE};
}

const nghttp2_option* options() {
  static nghttp2_option* const made = [] {
    nghttp2_option* option = nullptr;
    nghttp2_option_new(&option);
    nghttp2_option_set_no_closed_streams(option, 1);            // nobody asks for their priorities any more
    nghttp2_option_set_peer_max_concurrent_streams(option, 0);  // until its settings are here
    return option;
  }();
  return made;
}

MemoryPool& pool_of(void* user) { return *static_cast<MemoryPool*>(user); }

nghttp2_mem callbacks_of(MemoryPool& memory) {
  nghttp2_mem result{};
  result.mem_user_data = &memory;
  result.malloc = [](std::size_t bytes, void* user) { return pool_of(user).take(bytes); };
  result.free = [](void* block, void* user) { pool_of(user).give_back(block); };
  result.calloc = [](std::size_t count, std::size_t bytes, void* user) {
    void* const block = pool_of(user).take(count * bytes);
    return block == nullptr ? nullptr : std::memset(block, 0, count * bytes);
  };
  result.realloc = [](void* block, std::size_t bytes, void* user) { return pool_of(user).resize(block, bytes); };
  return result;
}

}  // namespace

// NOLINTBEGIN(readability-function-size): the parameters are nghttp2's
struct Http2Session::Callbacks {
  static ssize_t read_body(nghttp2_session* /*session*/, std::int32_t /*stream*/, std::uint8_t* out, std::size_t room,
                           std::uint32_t* flags, nghttp2_data_source* source, void* /*user*/) {
    Body& body = *static_cast<Body*>(source->ptr);
    const std::size_t taken = std::min(room, body.left);
    std::memcpy(out, body.next, taken);
    body.next += taken;
    body.left -= taken;
    if (body.left == 0) *flags |= NGHTTP2_DATA_FLAG_EOF;
    return static_cast<ssize_t>(taken);
  }

  // The place of a stream, when it has one: its user data is the place's body.
  static bool find(nghttp2_session* session, std::int32_t stream, const State& state, std::uint32_t& place) {
    const auto* const body = static_cast<const Body*>(nghttp2_session_get_stream_user_data(session, stream));
    if (body == nullptr || state.listener == nullptr) return false;
    place = static_cast<std::uint32_t>(body - state.bodies.data());
    return true;
  }

  static int on_header(nghttp2_session* session, const nghttp2_frame* frame, const std::uint8_t* name, std::size_t size,
                       const std::uint8_t* value, std::size_t value_size, std::uint8_t /*flags*/, void* user) {
    constexpr std::string_view kStatus = ":status";
    constexpr std::string_view kLocation = "location";
    const State& state = *static_cast<const State*>(user);
    std::uint32_t place = 0;
    const std::string_view text(reinterpret_cast<const char*>(name), size);
    const bool is_told = text == kLocation || (state.wants_fields && !text.starts_with(':'));
    if (is_told && find(session, frame->hd.stream_id, state, place))
      state.listener->on_field(place, text, {reinterpret_cast<const char*>(value), value_size});
    if (text != kStatus || value_size != 3) return 0;
    // nghttp2 has seen to it that these are three digits.
    const int status = (value[0] - '0') * 100 + (value[1] - '0') * 10 + (value[2] - '0');
    if (status >= 200 && find(session, frame->hd.stream_id, state, place)) state.listener->on_head(place, status);
    return 0;
  }

  static int on_data(nghttp2_session* session, std::uint8_t /*flags*/, std::int32_t stream, const std::uint8_t* data,
                     std::size_t size, void* user) {
    const State& state = *static_cast<const State*>(user);
    std::uint32_t place = 0;
    if (!find(session, stream, state, place)) return 0;
    if (!state.listener->on_body(place, {reinterpret_cast<const char*>(data), size}))
      nghttp2_submit_rst_stream(session, NGHTTP2_FLAG_NONE, stream, NGHTTP2_CANCEL);
    return 0;
  }

  static int on_close(nghttp2_session* session, std::int32_t stream, std::uint32_t error, void* user) {
    const State& state = *static_cast<const State*>(user);
    std::uint32_t place = 0;
    if (!find(session, stream, state, place)) return 0;
    const bool is_refused = error == NGHTTP2_REFUSED_STREAM && nghttp2_session_check_request_allowed(session) == 0;
    const bool never_left = state.is_sending && error != NGHTTP2_CANCEL;
    state.listener->on_answer(place, error == NGHTTP2_NO_ERROR  ? StreamEnd::whole
                                     : is_refused || never_left ? StreamEnd::not_taken
                                                                : StreamEnd::given_up);
    return 0;
  }

  static const nghttp2_session_callbacks* table() {
    static nghttp2_session_callbacks* const made = [] {
      nghttp2_session_callbacks* callbacks = nullptr;
      nghttp2_session_callbacks_new(&callbacks);
      nghttp2_session_callbacks_set_on_header_callback(callbacks, on_header);
      nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, on_data);
      nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, on_close);
      return callbacks;
    }();
    return made;
  }
};
// NOLINTEND(readability-function-size)

Http2Session::Http2Session(std::uint32_t places, MemoryPool& memory, bool wants_fields)
    : memory_(&memory), state_(std::make_unique<State>()) {
  state_->wants_fields = wants_fields;
  state_->bodies.resize(places);
}

Http2Session::Http2Session(Http2Session&& other) noexcept
    : memory_(other.memory_), session_(std::exchange(other.session_, nullptr)), state_(std::move(other.state_)) {}

Http2Session::~Http2Session() {
  if (session_ != nullptr) nghttp2_session_del(session_);
}

void Http2Session::begin() {
  state_->listener = nullptr;  // streams that end with their session are told by whoever ends it
  if (session_ != nullptr) nghttp2_session_del(session_);
  nghttp2_mem memory = callbacks_of(*memory_);
  CHECK(nghttp2_session_client_new3(&session_, Callbacks::table(), state_.get(), options(), &memory) == 0,
        "memory for a session");
  const std::array<nghttp2_settings_entry, 2> settings = {
      {{NGHTTP2_SETTINGS_ENABLE_PUSH, 0}, {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, kStreamWindow}}};
  nghttp2_submit_settings(session_, NGHTTP2_FLAG_NONE, settings.data(), settings.size());
  nghttp2_session_set_local_window_size(session_, NGHTTP2_FLAG_NONE, 0, kConnectionWindow);
}

bool Http2Session::submit(const Http2Request& request, std::string_view path, const std::string_view* fields,
                          std::string_view body, std::uint32_t place) {
  std::array<nghttp2_nv, 32> all;
  std::size_t count = 0;
  all[count++] = header(":method", request.method);
  all[count++] = header(":scheme", request.scheme);
  all[count++] = header(":authority", request.authority);
  all[count++] = header(":path", path);
  // A stream beyond what the server allows at once waits inside nghttp2, longer than the caller keeps the path.
  all[count - 1].flags = NGHTTP2_NV_FLAG_NO_COPY_NAME;
  const std::size_t first = count;
  for (const auto& [name, value] : request.headers) {
    if (count < all.size()) all[count++] = header(name, value);
  }
  for (std::size_t i = 0; i < request.drawn.size() && first + request.drawn[i] < count; ++i) {
    nghttp2_nv& drawn = all[first + request.drawn[i]];
    drawn = header(request.headers[request.drawn[i]].first, fields[i]);
    drawn.flags = NGHTTP2_NV_FLAG_NO_COPY_NAME;
  }
  if (body.empty()) {
    return nghttp2_submit_request(session_, nullptr, all.data(), count, nullptr, &state_->bodies[place]) > 0;
  }
  state_->bodies[place] = {body.data(), body.size()};
  nghttp2_data_provider provider{};
  provider.source.ptr = &state_->bodies[place];
  provider.read_callback = Callbacks::read_body;
  return nghttp2_submit_request(session_, nullptr, all.data(), count, &provider, &state_->bodies[place]) > 0;
}

bool Http2Session::feed(std::string_view bytes, Listener& listener) {
  state_->listener = &listener;
  const ssize_t used =
      nghttp2_session_mem_recv(session_, reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
  state_->listener = nullptr;
  return used == static_cast<ssize_t>(bytes.size()) && is_alive();
}

void Http2Session::take_output(std::string& out, Listener& listener) {
  state_->listener = &listener;
  state_->is_sending = true;
  const std::uint8_t* bytes = nullptr;
  for (ssize_t size = nghttp2_session_mem_send(session_, &bytes); size > 0;
       size = nghttp2_session_mem_send(session_, &bytes)) {
    out.append(reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(size));
  }
  state_->is_sending = false;
  state_->listener = nullptr;
}

std::uint32_t Http2Session::streams_allowed() const {
  return nghttp2_session_get_remote_settings(session_, NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS);
}

bool Http2Session::is_alive() const { return nghttp2_session_want_read(session_) != 0; }

bool Http2Session::is_ending() const { return nghttp2_session_check_request_allowed(session_) == 0; }

}  // namespace dyno::loadgen
