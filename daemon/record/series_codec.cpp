#include "record/series_codec.h"

#include <cstdint>
#include <functional>
#include <limits>
#include <optional>

namespace dyno::record {
namespace {

constexpr char kVersion = 1;
constexpr std::size_t kSampleColumns = 5;
constexpr std::size_t kSecondColumns = 6;  // the two optional values and the flags that tell of them included
constexpr std::uint64_t kHasP50 = 1;
constexpr std::uint64_t kHasP99 = 2;

using Column = std::vector<std::int64_t>;

void put_varint(std::string& out, std::uint64_t value) {
  for (; value >= 0x80; value >>= 7) out.push_back(static_cast<char>((value & 0x7f) | 0x80));
  out.push_back(static_cast<char>(value));
}

std::optional<std::uint64_t> take_varint(std::string_view& in) {
  std::uint64_t value = 0;
  for (unsigned shift = 0; shift < 64; shift += 7) {
    if (in.empty()) return std::nullopt;
    const auto byte = static_cast<std::uint64_t>(static_cast<unsigned char>(in.front()));
    in.remove_prefix(1);
    if (shift == 63 && byte > 1) return std::nullopt;  // more than 64 bits
    value |= (byte & 0x7f) << shift;
    if (byte < 0x80) return value;
  }
  return std::nullopt;
}

// Differences wrap around in 64 bits, so that no pair of values is too far apart.
void put_column(std::string& out, std::span<const std::int64_t> column) {
  std::uint64_t before = 0;
  for (const std::int64_t value : column) {
    const auto now = static_cast<std::uint64_t>(value);
    const std::uint64_t step = now - before;
    put_varint(out, (step << 1) ^ (step >> 63 != 0 ? ~std::uint64_t{0} : 0));
    before = now;
  }
}

std::optional<Column> take_column(std::string_view& in, std::size_t count) {
  Column column;
  column.reserve(count);
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const std::optional<std::uint64_t> zigzag = take_varint(in);
    if (!zigzag) return std::nullopt;
    value += (*zigzag >> 1) ^ (~(*zigzag & 1) + 1);
    column.push_back(static_cast<std::int64_t>(value));
  }
  return column;
}

std::string pack(std::size_t count, std::span<const Column> columns) {
  std::string out(1, kVersion);
  put_varint(out, count);
  for (const Column& column : columns) put_column(out, column);
  return out;
}

Result<std::vector<Column>> unpack(std::string_view in, std::size_t columns) {
  const auto bad = [](const char* why) { return fail(ErrorCode::internal, std::string("stored series: ") + why); };
  if (in.empty() || in.front() != kVersion) return bad("unknown version");
  in.remove_prefix(1);
  const std::optional<std::uint64_t> count = take_varint(in);
  // Each value takes a byte at least: a count that the bytes cannot hold never reaches an allocation.
  if (!count || *count > in.size() / columns) return bad("count and length disagree");
  std::vector<Column> all;
  for (std::size_t i = 0; i < columns; ++i) {
    std::optional<Column> column = take_column(in, static_cast<std::size_t>(*count));
    if (!column) return bad("cut short");
    all.push_back(std::move(*column));
  }
  if (!in.empty()) return bad("bytes left over");
  return all;
}

}  // namespace

std::string pack_samples(std::span<const model::Sample> samples) {
  std::vector<Column> columns(kSampleColumns);
  for (const model::Sample& s : samples) {
    columns[0].push_back(to_ns(s.at));
    columns[1].push_back(s.private_bytes.value);
    columns[2].push_back(s.docker_equivalent.value);
    columns[3].push_back(s.cpu_ns);
    columns[4].push_back(s.throttled_ns);
  }
  return pack(samples.size(), columns);
}

Result<std::vector<model::Sample>> unpack_samples(std::string_view bytes) {
  const Result<std::vector<Column>> columns = unpack(bytes, kSampleColumns);
  if (!columns) return fail(columns.error());
  const std::vector<Column>& c = *columns;
  std::vector<model::Sample> samples;
  for (std::size_t i = 0; i < c[0].size(); ++i) {
    samples.push_back({monotonic_from_ns(c[0][i]), Bytes{c[1][i]}, Bytes{c[2][i]}, c[3][i], c[4][i]});
  }
  return samples;
}

std::string pack_seconds(std::span<const model::SecondPoint> seconds) {
  std::vector<Column> columns(kSecondColumns);
  for (const model::SecondPoint& s : seconds) {
    columns[0].push_back(s.second);
    columns[1].push_back(s.good);
    columns[2].push_back(s.errors);
    columns[3].push_back(static_cast<std::int64_t>((s.p50_ns ? kHasP50 : 0) | (s.p99_ns ? kHasP99 : 0)));
    columns[4].push_back(s.p50_ns.value_or(0));
    columns[5].push_back(s.p99_ns.value_or(0));
  }
  return pack(seconds.size(), columns);
}

Result<std::vector<model::SecondPoint>> unpack_seconds(std::string_view bytes) {
  const Result<std::vector<Column>> columns = unpack(bytes, kSecondColumns);
  if (!columns) return fail(columns.error());
  const std::vector<Column>& c = *columns;
  std::vector<model::SecondPoint> seconds;
  for (std::size_t i = 0; i < c[0].size(); ++i) {
    const auto flags = static_cast<std::uint64_t>(c[3][i]);
    if (c[0][i] < std::numeric_limits<std::int32_t>::min() || c[0][i] > std::numeric_limits<std::int32_t>::max() ||
        flags > 3) {
      return fail(ErrorCode::internal, "stored series: a second out of range");
    }
    model::SecondPoint point{static_cast<std::int32_t>(c[0][i]), c[1][i], c[2][i], std::nullopt, std::nullopt};
    if ((flags & kHasP50) != 0) point.p50_ns = c[4][i];
    if ((flags & kHasP99) != 0) point.p99_ns = c[5][i];
    seconds.push_back(point);
  }
  return seconds;
}

}  // namespace dyno::record
