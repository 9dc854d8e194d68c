// Any value of any recorded type, drawn from a seed, and whether two are the same field by field: what a test of the way there
// and back needs. Bulk parts and odd values (no number, no UTF-8, the ends of 64 bits) are among them.
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <type_traits>
#include <variant>
#include <vector>

#include "base/encoding.h"
#include "model/enum_text.h"
#include "record/fields.h"

namespace dyno::record {

class Draw {
 public:
  explicit Draw(std::uint64_t seed) : random_(seed) {}

  std::uint64_t below(std::uint64_t end) { return random_() % end; }

  void fill(bool& value) { value = below(2) == 1; }
  template <class T>
  requires(std::is_integral_v<T> && !std::is_same_v<T, bool>) void fill(T& value) {
    switch (below(4)) {
      case 0: value = std::numeric_limits<T>::min(); break;
      case 1: value = std::numeric_limits<T>::max(); break;
      default: value = static_cast<T>(random_());
    }
  }
  void fill(double& value) {
    constexpr std::array kOdd{0.0,
                              -0.0,
                              0.1,
                              1.0 / 3,
                              5e-324,
                              1.7976931348623157e308,
                              std::numeric_limits<double>::infinity(),
                              -std::numeric_limits<double>::infinity(),
                              std::numeric_limits<double>::quiet_NaN()};
    if (below(2) == 0) value = kOdd[below(kOdd.size())];
    else value = std::bit_cast<double>(random_());
  }
  void fill(std::string& value) {
    static const std::array<std::string, 8> kTexts{"",
                                                   "a/b~c",
                                                   "µs über \"x\"\n\t\\",
                                                   std::string("\0x", 2),
                                                   "\xff\xfe",
                                                   "{\"base64\":\"\"}",
                                                   "日本",
                                                   std::string(300, 'y')};
    value = kTexts[below(kTexts.size())];
  }
  template <class T>
  requires std::is_enum_v<T>
  void fill(T& value) { value = static_cast<T>(below(model::names_of<T>().size())); }
  void fill(Nanos& value) { value = Nanos(integer()); }
  void fill(MonotonicTime& value) { value = monotonic_from_ns(integer()); }
  void fill(WallTime& value) { value = wall_from_ns(integer()); }
  void fill(Bytes& value) { value = Bytes{integer()}; }
  void fill(Rate& value) { fill(value.per_s); }
  void fill(model::PhaseRate& value) {
    switch (below(4)) {
      case 0: value = std::monostate(); break;
      case 1: fill(value.emplace<Rate>()); break;
      case 2: value.emplace<model::RatesOfObjectives>(); break;
      default: fill(value.emplace<model::ShareOfCap>());
    }
  }
  void fill(model::EncodedHistogram& value) {
    fill(value.kind);
    std::string bytes;
    fill(bytes);
    value.v2 = to_base64(bytes);
  }
  void fill(model::LongText& value) { fill(value.text); }
  void fill(model::Sample& s) {
    fill(s.at), fill(s.private_bytes), fill(s.docker_equivalent), fill(s.cpu_ns), fill(s.throttled_ns);
  }
  void fill(model::SecondPoint& s) { fill(s.second), fill(s.good), fill(s.errors), fill(s.p50_ns), fill(s.p99_ns); }
  template <class T>
  void fill(std::optional<T>& value) {
    value.reset();
    if (below(2) == 1) fill(value.emplace());
  }
  template <class T>
  void fill(std::vector<T>& value) {
    value.resize(below(4));
    for (T& entry : value) fill(entry);
  }
  template <class T>
  void fill(std::map<std::string, T>& value) {
    value.clear();
    for (const char* const key : {"a", "b/c~", "", "µ"}) {
      if (below(2) == 1) fill(value[key]);
    }
  }
  template <Recorded T>
  void fill(T& value) {
    std::apply([&](const auto&... field) { (fill(value.*field.member), ...); }, Fields<T>::all);
  }

 private:
  std::int64_t integer() {
    std::int64_t value = 0;
    fill(value);
    return value;
  }

  std::mt19937_64 random_;
};

// ---- the same, bit by bit; any two values that are no number are the same ----
template <class T>
bool same(const T& a, const T& b);

template <class T>
struct Same {
  static bool is(const T& a, const T& b) {
    if constexpr (Recorded<T>) {
      return std::apply(
          [&](const auto&... field) {
            return ((field.presence == Presence::apart || same(a.*field.member, b.*field.member)) && ...);
          },
          Fields<T>::all);
    } else {
      return a == b;
    }
  }
};
template <>
struct Same<double> {
  static bool is(double a, double b) {
    return (a != a && b != b) || std::bit_cast<std::uint64_t>(a) == std::bit_cast<std::uint64_t>(b);
  }
};
template <>
struct Same<Rate> {
  static bool is(Rate a, Rate b) { return same(a.per_s, b.per_s); }
};
template <>
struct Same<model::EncodedHistogram> {
  static bool is(const model::EncodedHistogram& a, const model::EncodedHistogram& b) {
    return a.kind == b.kind && a.v2 == b.v2;
  }
};
template <>
struct Same<model::Sample> {
  static bool is(const model::Sample& a, const model::Sample& b) {
    return a.at == b.at && a.private_bytes == b.private_bytes && a.docker_equivalent == b.docker_equivalent &&
           a.cpu_ns == b.cpu_ns && a.throttled_ns == b.throttled_ns;
  }
};
template <>
struct Same<model::SecondPoint> {
  static bool is(const model::SecondPoint& a, const model::SecondPoint& b) {
    return a.second == b.second && a.good == b.good && a.errors == b.errors && a.p50_ns == b.p50_ns &&
           a.p99_ns == b.p99_ns;
  }
};
template <class T>
struct Same<std::optional<T>> {
  static bool is(const std::optional<T>& a, const std::optional<T>& b) {
    return a.has_value() == b.has_value() && (!a || same(*a, *b));
  }
};
template <class T>
struct Same<std::vector<T>> {
  static bool is(const std::vector<T>& a, const std::vector<T>& b) {
    if (a.size() != b.size()) return false;
    for (std::size_t i = 0; i < a.size(); ++i) {
      if (!same(a[i], b[i])) return false;
    }
    return true;
  }
};
template <class T>
struct Same<std::map<std::string, T>> {
  static bool is(const std::map<std::string, T>& a, const std::map<std::string, T>& b) {
    if (a.size() != b.size()) return false;
    for (auto i = a.begin(), j = b.begin(); i != a.end(); ++i, ++j) {
      if (i->first != j->first || !same(i->second, j->second)) return false;
    }
    return true;
  }
};
template <class... T>
struct Same<std::variant<T...>> {
  static bool is(const std::variant<T...>& a, const std::variant<T...>& b) {
    if (a.index() != b.index()) return false;
    return std::visit([&](const auto& value) { return same(value, std::get<std::decay_t<decltype(value)>>(b)); }, a);
  }
};

template <class T>
bool same(const T& a, const T& b) {
  return Same<T>::is(a, b);
}

}  // namespace dyno::record
