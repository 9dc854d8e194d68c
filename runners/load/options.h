// The options of dyno-load, each a row of one table: its names, what it takes, what holds where it is not given, what it needs and
// what it excludes. The command line, the help, the man page, the completions and the ranges of the line protocol come from here, and
// so does the generator of random command lines in the tests. Values only; thread-safe.
#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>

#include "base/units.h"

namespace dyno::loadgen {

enum class Opt : std::uint8_t {
  // load
  connections,
  duration,
  warm_up,
  timeout,
  rate,
  curve,
  poisson,
  count,
  error_limit,
  pipeline,
  per_connection,
  // request
  method,
  header,
  body,
  body_bytes,
  fill_body,
  csv,
  status,
  requests,
  sample,
  max_body,
  // protocol
  http2,
  message_bytes,
  subscribers,
  unix_socket,
  connect_to,
  insecure,
  ca,
  sni,
  tls,
  no_resume,
  // machine
  cpus,
  transport,
  spin,
  // output
  json,
  format,
  output,
  completion,
  help,
  version,
};
constexpr std::size_t kOptions = static_cast<std::size_t>(Opt::version) + 1;

// A set of options.
class Opts {
 public:
  constexpr Opts() = default;
  constexpr Opts(std::same_as<Opt> auto... options) : bits_((std::uint64_t{0} | ... | bit(options))) {}
  constexpr bool has(Opt option) const { return (bits_ & bit(option)) != 0; }
  constexpr bool is_empty() const { return bits_ == 0; }

 private:
  static constexpr std::uint64_t bit(Opt option) { return std::uint64_t{1} << static_cast<unsigned>(option); }
  std::uint64_t bits_ = 0;
};
static_assert(kOptions <= 64);

// What an option takes.
namespace takes {
struct Nothing {};  // a flag
struct Integer {    // 100, 1e6
  std::int64_t low = 0;
  std::int64_t high = 0;
};
struct Number {  // 0.5, 1e4
  double low = 0;
  double high = 0;
};
struct Duration {  // 5, 1m30s, 500us
  Nanos low{};
  Nanos high{};
};
struct Size {  // 512, 64KiB
  std::int64_t low = 0;
  std::int64_t high = 0;
};
struct Word {  // one of a few
  std::span<const std::string_view> words{};
};
struct Curve {};     // 0s:100,10s:5000
struct Cpus {};      // 0,2,3
struct Header {};    // Name: value
struct Method {};    // a word as HTTP has it
struct Endpoint {};  // host:port
struct Host {};      // the name of one
struct File {};      // a path
struct Text {};      // any text
}  // namespace takes
using Takes =
    std::variant<takes::Nothing, takes::Integer, takes::Number, takes::Duration, takes::Size, takes::Word, takes::Curve,
                 takes::Cpus, takes::Header, takes::Method, takes::Endpoint, takes::Host, takes::File, takes::Text>;

enum class Group : std::uint8_t { load, request, protocol, machine, output };

// Which URLs an option is for: http and https, ws and wss, or those with TLS.
enum class On : std::uint8_t { any, http, websocket, tls };

struct Option {
  Opt id = Opt::help;
  char letter = 0;  // 0: it has none
  std::string_view name{};
  std::string_view value{};  // what it takes, as the help names it
  Takes takes{};
  std::string_view fallback{};  // what holds where it is not given, as one would write it
  std::string_view meaning{};
  Group group = Group::output;
  On on = On::any;
  Opts needs{};     // one of these
  Opts excludes{};  // holds in both directions
  Opts unless{};    // with one of these neither `on` nor `excludes` holds
  bool repeats = false;
  std::array<std::string_view, 5>
      elsewhere{};  // what wrk, hey, oha, k6, ab and curl call it, where that is nothing here
};

std::span<const Option> options();
const Option& option(Opt id);
// As messages name it: --connections.
std::string name_of(Opt id);

// The ranges that the line protocol shares with the command line.
const takes::Integer& integers_of(Opt id);
const takes::Number& numbers_of(Opt id);
const takes::Duration& durations_of(Opt id);
const takes::Size& sizes_of(Opt id);

}  // namespace dyno::loadgen
