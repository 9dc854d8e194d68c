#include "record/record.h"

#include <fmt/format.h>

#include <cmath>
#include <concepts>
#include <cstdint>
#include <limits>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <type_traits>
#include <utility>
#include <variant>

#include "base/encoding.h"
#include "base/text.h"
#include "model/enum_text.h"
#include "record/deflate.h"
#include "record/fields.h"
#include "record/series_codec.h"

namespace dyno::record {
namespace {

using Json = nlohmann::json;  // keys sorted: the same value gives the same text

// What is wrong, and where; nothing: all is well.
struct Fault {
  std::string pointer;
  std::string what;
};
using Outcome = std::optional<Fault>;

Outcome wrong(std::string what) { return Fault{{}, std::move(what)}; }

std::string segment(std::string_view name) {
  std::string text = "/";
  for (const char c : name) text += c == '~' ? "~0" : (c == '/' ? "~1" : std::string(1, c));
  return text;
}

Outcome within(std::string_view name, Outcome outcome) {
  if (outcome) outcome->pointer.insert(0, segment(name));
  return outcome;
}

template <class T>
concept Enum = std::is_enum_v<T>;
template <class T>
concept Integer = std::integral<T> && !std::same_as<T, bool>;
template <class T>
concept Instant = std::same_as<T, MonotonicTime> || std::same_as<T, WallTime>;

constexpr std::string_view kBytes = "base64";  // {"base64":"…"} in place of a text that is no UTF-8
constexpr std::string_view kRate = "per_s";
constexpr std::string_view kShareOfCap = "share_of_cap";
constexpr std::string_view kRatesOfObjectives = "of_objectives";
constexpr std::size_t kLongestText = std::size_t{64} << 20U;  // nothing that we wrote is longer

class Writer {
 public:
  explicit Writer(std::vector<Attachment>& attachments) : attachments_(attachments) {}

  Outcome write(bool value, Json& json) { return put(value, json); }
  template <Integer T>
  Outcome write(T value, Json& json) {
    return put(value, json);
  }
  Outcome write(double value, Json& json) {
    if (std::isfinite(value)) return put(value, json);
    return put(std::isnan(value) ? "nan" : (value > 0 ? "inf" : "-inf"), json);
  }
  Outcome write(const std::string& value, Json& json) {
    if (is_valid_utf8(value)) return put(value, json);
    json[std::string(kBytes)] = to_base64(value);
    return {};
  }
  template <Enum T>
  Outcome write(T value, Json& json) {
    return put(std::string(model::to_string(value)), json);
  }
  Outcome write(Nanos value, Json& json) { return put(static_cast<std::int64_t>(value.count()), json); }
  template <Instant T>
  Outcome write(T value, Json& json) {
    return put(to_ns(value), json);
  }
  Outcome write(Bytes value, Json& json) { return put(value.value, json); }
  Outcome write(const model::PhaseRate& value, Json& json) {
    if (const auto* const rate = std::get_if<Rate>(&value)) return write(rate->per_s, json[std::string(kRate)]);
    if (const auto* const share = std::get_if<model::ShareOfCap>(&value))
      return write(*share, json[std::string(kShareOfCap)]);
    if (std::holds_alternative<model::RatesOfObjectives>(value)) json[std::string(kRatesOfObjectives)] = true;
    return {};
  }
  Outcome write(const std::vector<model::Sample>& value, Json& json) {
    if (!value.empty()) attach(pack_samples(value), json);
    return {};
  }
  Outcome write(const std::vector<model::SecondPoint>& value, Json& json) {
    if (!value.empty()) attach(pack_seconds(value), json);
    return {};
  }
  Outcome write(const model::EncodedHistogram& value, Json& json) {
    const std::optional<std::string> bytes = from_base64(value.v2);
    if (!bytes) return wrong(fmt::format("the histogram \"{}\" is not base64", visible(value.kind, 60)));
    if (Outcome kind = write(value.kind, json["kind"])) return within("kind", std::move(kind));
    pointer_ += "/v2";
    attach(*bytes, json["v2"]);
    pointer_.resize(pointer_.size() - 3);
    return {};
  }
  Outcome write(const model::LongText& value, Json& json) {
    if (!value.text.empty()) attach(deflate_text(value.text), json);
    return {};
  }
  template <class T>
  Outcome write(const std::optional<T>& value, Json& json) {
    return value ? write(*value, json) : Outcome();
  }
  template <class T>
  Outcome write(const std::vector<T>& value, Json& json) {
    json = Json::array();
    for (std::size_t i = 0; i < value.size(); ++i) {
      if (Outcome outcome = write_at(std::to_string(i), value[i], json.emplace_back())) return outcome;
    }
    return {};
  }
  template <class T>
  Outcome write(const std::map<std::string, T>& value, Json& json) {
    json = Json::object();
    for (const auto& [key, entry] : value) {
      if (!is_valid_utf8(key)) return wrong("a key is not UTF-8: " + visible(key, 60));
      if (Outcome outcome = write_at(key, entry, json[key])) return outcome;
    }
    return {};
  }
  template <Recorded T>
  Outcome write(const T& value, Json& json) {
    json = Json::object();
    Outcome outcome;
    std::apply(
        [&](const auto&... field) {
          static_cast<void>((!(outcome = write_field(value, field, json)).has_value() && ...));
        },
        Fields<T>::all);
    return outcome;
  }

 private:
  template <class T>
  Outcome put(T&& value, Json& json) {
    json = std::forward<T>(value);
    return {};
  }
  template <class T, class Member>
  Outcome write_field(const T& value, const Field<T, Member>& field, Json& json) {
    if (field.presence == Presence::apart) return {};
    return write_at(field.name, value.*field.member, json[std::string(field.name)]);
  }
  template <class T>
  Outcome write_at(std::string_view name, const T& value, Json& json) {
    const std::size_t length = pointer_.size();
    pointer_ += segment(name);
    Outcome outcome = within(name, write(value, json));
    pointer_.resize(length);
    return outcome;
  }
  void attach(std::string bytes, Json& json) {
    attachments_.push_back({pointer_, std::move(bytes)});
    json = pointer_;
  }

  std::vector<Attachment>& attachments_;
  std::string pointer_;  // of the value being written
};

class Reader {
 public:
  explicit Reader(const std::vector<Attachment>& attachments) {
    for (const Attachment& attachment : attachments) attachments_[attachment.pointer] = &attachment.bytes;
  }
  // Attachments that no value has asked for.
  bool has_rest() const { return used_ != attachments_.size(); }

  Outcome read(const Json& json, bool& value) {
    if (!json.is_boolean()) return wrong("expected true or false");
    value = json.get<bool>();
    return {};
  }
  template <Integer T>
  Outcome read(const Json& json, T& value) {
    if (!json.is_number_integer()) return wrong("expected an integer");
    const bool fits = json.is_number_unsigned() ? std::in_range<T>(json.get<std::uint64_t>())
                                                : std::in_range<T>(json.get<std::int64_t>());
    if (!fits) return wrong("the integer is out of range");
    value = json.get<T>();
    return {};
  }
  Outcome read(const Json& json, double& value) {
    if (json.is_number()) {
      value = json.get<double>();
      return {};
    }
    if (json == "nan") value = std::numeric_limits<double>::quiet_NaN();
    else if (json == "inf") value = std::numeric_limits<double>::infinity();
    else if (json == "-inf") value = -std::numeric_limits<double>::infinity();
    else return wrong("expected a number");
    return {};
  }
  Outcome read(const Json& json, std::string& value) {
    if (json.is_string()) {
      value = json.get<std::string>();
      return {};
    }
    const std::string key(kBytes);
    if (!json.is_object() || json.size() != 1 || !json.contains(key) || !json[key].is_string())
      return wrong("expected a text");
    std::optional<std::string> bytes = from_base64(json[key].get<std::string>());
    if (!bytes) return within(kBytes, wrong("not base64"));
    value = std::move(*bytes);
    return {};
  }
  template <Enum T>
  Outcome read(const Json& json, T& value) {
    std::string word;
    if (Outcome outcome = read(json, word)) return outcome;
    const std::optional<T> known = model::parse_enum<T>(word);
    if (!known) return wrong(fmt::format("the word \"{}\" is unknown to this program", visible(word, 60)));
    value = *known;
    return {};
  }
  Outcome read(const Json& json, Nanos& value) {
    return read_integer(json, [&](std::int64_t ns) { value = Nanos(ns); });
  }
  Outcome read(const Json& json, MonotonicTime& value) {
    return read_integer(json, [&](std::int64_t ns) { value = monotonic_from_ns(ns); });
  }
  Outcome read(const Json& json, WallTime& value) {
    return read_integer(json, [&](std::int64_t ns) { value = wall_from_ns(ns); });
  }
  Outcome read(const Json& json, Bytes& value) {
    return read_integer(json, [&](std::int64_t bytes) { value = Bytes{bytes}; });
  }
  Outcome read(const Json& json, model::PhaseRate& value) {
    value = std::monostate();
    if (json.is_null()) return {};
    if (!json.is_object() || json.size() != 1) return wrong("expected null, per_s, share_of_cap or of_objectives");
    const std::string key = json.begin().key();
    if (key == kRate) return within(key, read(json.front(), value.emplace<Rate>().per_s));
    if (key == kShareOfCap) return within(key, read(json.front(), value.emplace<model::ShareOfCap>()));
    if (key == kRatesOfObjectives) {
      bool is_so = false;
      if (Outcome outcome = within(key, read(json.front(), is_so))) return outcome;
      if (!is_so) return within(key, wrong("expected true"));
      value.emplace<model::RatesOfObjectives>();
      return {};
    }
    return within(key, wrong("unknown key"));
  }
  Outcome read(const Json& json, std::vector<model::Sample>& value) {
    return read_attached(json, value, [](const std::string& bytes) { return unpack_samples(bytes); });
  }
  Outcome read(const Json& json, std::vector<model::SecondPoint>& value) {
    return read_attached(json, value, [](const std::string& bytes) { return unpack_seconds(bytes); });
  }
  Outcome read(const Json& json, model::EncodedHistogram& value) {
    if (!json.is_object()) return wrong("expected an object");
    if (!json.contains("kind")) return wrong("the key \"kind\" is missing");
    if (!json.contains("v2")) return wrong("the key \"v2\" is missing");
    if (Outcome outcome = within("kind", read(json["kind"], value.kind))) return outcome;
    const std::string* bytes = nullptr;
    if (Outcome outcome = within("v2", attachment(json["v2"], bytes))) return outcome;
    value.v2 = to_base64(*bytes);
    return json.size() == 2 ? Outcome() : wrong("unknown keys beside kind and v2");
  }
  Outcome read(const Json& json, model::LongText& value) {
    value.text.clear();
    if (json.is_null()) return {};
    const std::string* bytes = nullptr;
    if (Outcome outcome = attachment(json, bytes)) return outcome;
    Result<std::string> text = inflate_text(*bytes, kLongestText);
    if (!text) return wrong(text.error().message);
    value.text = std::move(*text);
    return {};
  }
  template <class T>
  Outcome read(const Json& json, std::optional<T>& value) {
    value.reset();
    if (json.is_null()) return {};
    T inside{};
    if (Outcome outcome = read(json, inside)) return outcome;
    value = std::move(inside);
    return {};
  }
  template <class T>
  Outcome read(const Json& json, std::vector<T>& value) {
    if (!json.is_array()) return wrong("expected a list");
    value.clear();
    for (const Json& entry : json) {
      if (Outcome outcome = read(entry, value.emplace_back())) {
        return within(std::to_string(value.size() - 1), std::move(outcome));
      }
    }
    return {};
  }
  template <class T>
  Outcome read(const Json& json, std::map<std::string, T>& value) {
    if (!json.is_object()) return wrong("expected an object");
    value.clear();
    for (const auto& [key, entry] : json.items()) {
      if (Outcome outcome = within(key, read(entry, value[key]))) return outcome;
    }
    return {};
  }
  template <Recorded T>
  Outcome read(const Json& json, T& value) {
    if (!json.is_object()) return wrong("expected an object");
    std::size_t found = 0;
    Outcome outcome;
    std::apply(
        [&](const auto&... field) {
          static_cast<void>((!(outcome = read_field(json, field, value, found)).has_value() && ...));
        },
        Fields<T>::all);
    if (outcome || found == json.size()) return outcome;
    return unknown_key<T>(json);
  }

 private:
  template <class Take>
  Outcome read_integer(const Json& json, Take take) {
    std::int64_t integer = 0;
    if (Outcome outcome = read(json, integer)) return outcome;
    take(integer);
    return {};
  }
  template <class T, class Member>
  Outcome read_field(const Json& json, const Field<T, Member>& field, T& value, std::size_t& found) {
    if (field.presence == Presence::apart) return {};
    const auto entry = json.find(field.name);
    if (entry == json.end()) {
      if (field.presence == Presence::later) return {};
      return wrong(fmt::format("the key \"{}\" is missing", field.name));
    }
    ++found;
    return within(field.name, read(*entry, value.*field.member));
  }
  template <class T>
  Outcome unknown_key(const Json& json) {
    for (const auto& entry : json.items()) {
      const bool known = std::apply(
          [&](const auto&... field) {
            return ((field.name == entry.key() && field.presence != Presence::apart) || ...);
          },
          Fields<T>::all);
      if (!known) return within(entry.key(), wrong("unknown key"));
    }
    return {};
  }
  Outcome attachment(const Json& json, const std::string*& bytes) {
    if (!json.is_string()) return wrong("expected the name of an attachment");
    const auto found = attachments_.find(json.get<std::string>());
    if (found == attachments_.end()) return wrong("its attachment is missing");
    ++used_;
    bytes = found->second;
    return {};
  }
  template <class T, class Unpack>
  Outcome read_attached(const Json& json, std::vector<T>& value, Unpack unpack) {
    value.clear();
    if (json.is_null()) return {};
    const std::string* bytes = nullptr;
    if (Outcome outcome = attachment(json, bytes)) return outcome;
    Result<std::vector<T>> unpacked = unpack(*bytes);
    if (!unpacked) return wrong(unpacked.error().message);
    value = std::move(*unpacked);
    return {};
  }

  std::map<std::string, const std::string*> attachments_;
  std::size_t used_ = 0;
};

tl::unexpected<Error> failure(ErrorCode code, const Fault& fault) {
  return fail(code, fault.pointer.empty() ? fault.what : fault.pointer + ": " + fault.what);
}

Result<Json> parse(std::string_view text) {
  Json json = Json::parse(text, nullptr, false);
  if (json.is_discarded()) return fail(ErrorCode::protocol, "not JSON");
  return json;
}

template <class T>
Result<std::string> text_of(const T& value) {
  std::vector<Attachment> attachments;
  Json json;
  if (const Outcome fault = Writer(attachments).write(value, json)) return failure(ErrorCode::invalid_argument, *fault);
  return json.dump();
}

// Reads the alternative of the event whose word stands in the record.
template <std::size_t I = 0>
Outcome read_alternative(const std::string& word, const Json& json, Reader& reader, model::RunEvent& event) {
  if constexpr (I == std::variant_size_v<model::RunEvent>) {
    return wrong("the event is unknown to this program");
  } else {
    using Event = std::variant_alternative_t<I, model::RunEvent>;
    if (word == event_word<Event>()) return reader.read(json, event.emplace<I>());
    return read_alternative<I + 1>(word, json, reader, event);
  }
}

}  // namespace

std::string histogram_pointer(std::size_t index) { return fmt::format("/result/histograms/{}/v2", index); }

Result<EventRecord> record_event(const model::RunEvent& event) {
  EventRecord record;
  Json json = Json::object();
  const Outcome fault = std::visit(
      [&](const auto& value) {
        const std::string word(event_word<std::decay_t<decltype(value)>>());
        return within(word, Writer(record.attachments).write(value, json[word]));
      },
      event);
  if (fault) return failure(ErrorCode::invalid_argument, *fault);
  record.json = json.dump();
  return record;
}

Result<model::RunEvent> read_event(const EventRecord& record) {
  const Result<Json> json = parse(record.json);
  if (!json) return fail(json.error());
  if (!json->is_object() || json->size() != 1) return fail(ErrorCode::protocol, "expected an object with one event");
  const std::string word = json->begin().key();
  Reader reader(record.attachments);
  model::RunEvent event;
  if (const Outcome fault = within(word, read_alternative(word, json->front(), reader, event)))
    return failure(ErrorCode::protocol, *fault);
  if (reader.has_rest()) return fail(ErrorCode::protocol, "an attachment belongs to no value");
  return event;
}

Result<std::string> record_job(const model::Job& job) { return text_of(job); }

Result<model::Job> read_job(std::string_view text) {
  const Result<Json> json = parse(text);
  if (!json) return fail(json.error());
  model::Job job;
  if (const Outcome fault = Reader({}).read(*json, job)) return failure(ErrorCode::protocol, *fault);
  return job;
}

Result<std::string> content_of(model::Stack stack) {
  stack.hash.clear();
  return text_of(stack);
}

Result<std::string> content_of(model::Service service) {
  service.hash.clear();
  return text_of(service);
}

}  // namespace dyno::record
