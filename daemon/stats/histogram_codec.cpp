// The V2 interchange format of Histogram: a 40-byte big-endian header, the counts as zigzag LEB128 numbers in which a negative
// one skips that many empty buckets, all of it through zlib behind an 8-byte header, then base64.
#include <array>
#include <bit>
#include <cstring>
#include <limits>
#include <optional>

#include <zlib.h>

#include "base/check.h"
#include "base/encoding.h"
#include "stats/histogram.h"

namespace dyno::stats {
namespace {

constexpr std::uint32_t kCookie = 0x1c849313;
constexpr std::uint32_t kCompressedCookie = 0x1c849314;
constexpr std::uint32_t kDigits = 3;
constexpr std::uint64_t kLowest = 1;
constexpr std::size_t kHeaderBytes = 40;
constexpr std::size_t kNumberBytes = 9;

tl::unexpected<Error> bad(std::string_view why) { return fail(ErrorCode::protocol, "histogram: " + std::string(why)); }

template <class T>
void put(std::string& out, T value) {
  for (int shift = static_cast<int>(sizeof(T) * 8) - 8; shift >= 0; shift -= 8) {
    out.push_back(static_cast<char>(value >> shift & 0xff));
  }
}

template <class T>
T get(std::string_view in, std::size_t at) {
  T value = 0;
  for (std::size_t i = 0; i < sizeof(T); ++i)
    value = static_cast<T>(value << 8 | static_cast<unsigned char>(in[at + i]));
  return value;
}

void put_number(std::string& out, std::int64_t number) {
  auto bits = static_cast<std::uint64_t>(number) << 1 ^ static_cast<std::uint64_t>(number >> 63);
  for (std::size_t i = 0; i + 1 < kNumberBytes && bits >= 0x80; ++i, bits >>= 7) {
    out.push_back(static_cast<char>((bits & 0x7f) | 0x80));
  }
  out.push_back(static_cast<char>(bits));
}

std::optional<std::int64_t> take_number(std::string_view& in) {
  std::uint64_t bits = 0;
  for (std::size_t i = 0; i < kNumberBytes; ++i) {
    if (in.empty()) return std::nullopt;
    const auto byte = static_cast<unsigned char>(in.front());
    in.remove_prefix(1);
    const bool last = i + 1 == kNumberBytes;  // the ninth byte carries eight bits and no flag
    bits |= static_cast<std::uint64_t>(last ? byte : byte & 0x7f) << (7 * i);
    if (last || byte < 0x80) break;
  }
  return static_cast<std::int64_t>(bits >> 1 ^ (~(bits & 1) + 1));
}

std::string deflate_bytes(const std::string& plain) {
  uLongf size = compressBound(static_cast<uLong>(plain.size()));
  std::string out(size, '\0');
  const int rc = compress2(reinterpret_cast<Bytef*>(out.data()), &size, reinterpret_cast<const Bytef*>(plain.data()),
                           static_cast<uLong>(plain.size()), Z_DEFAULT_COMPRESSION);
  CHECK(rc == Z_OK, "zlib compresses what fits into compressBound");
  out.resize(size);
  return out;
}

// At most `limit` bytes come out, whatever the stream promises.
std::optional<std::string> inflate_bytes(std::string_view packed, std::size_t limit) {
  std::string out(limit, '\0');
  uLongf size = static_cast<uLongf>(limit);
  uLong used = static_cast<uLong>(packed.size());
  const int rc =
      uncompress2(reinterpret_cast<Bytef*>(out.data()), &size, reinterpret_cast<const Bytef*>(packed.data()), &used);
  if (rc != Z_OK || used != packed.size()) return std::nullopt;
  out.resize(size);
  return out;
}

}  // namespace

std::string Histogram::encode() const {
  std::string payload;
  std::size_t end = counts_.size();
  while (end > 0 && counts_[end - 1] == 0) --end;
  std::int64_t empty = 0;
  for (std::size_t i = 0; i < end; ++i) {
    if (counts_[i] == 0) {
      ++empty;
      continue;
    }
    if (empty > 0) put_number(payload, -empty);
    empty = 0;
    put_number(payload, static_cast<std::int64_t>(counts_[i]));
  }

  std::string plain;
  put<std::uint32_t>(plain, kCookie);
  put<std::uint32_t>(plain, static_cast<std::uint32_t>(payload.size()));
  put<std::uint32_t>(plain, 0);  // normalizing index offset
  put<std::uint32_t>(plain, kDigits);
  put<std::uint64_t>(plain, kLowest);
  put<std::uint64_t>(plain, static_cast<std::uint64_t>(kHighestNs));
  put<std::uint64_t>(plain, std::bit_cast<std::uint64_t>(1.0));  // integer to double ratio
  plain += payload;

  const std::string packed = deflate_bytes(plain);
  std::string framed;
  put<std::uint32_t>(framed, kCompressedCookie);
  put<std::uint32_t>(framed, static_cast<std::uint32_t>(packed.size()));
  return to_base64(framed + packed);
}

Result<Histogram> Histogram::decode(std::string_view base64) {
  Histogram histogram;
  const std::size_t limit = kHeaderBytes + histogram.counts_.size() * kNumberBytes;
  if (base64.size() > 2 * limit) return bad("longer than any histogram of this geometry");
  const std::optional<std::string> framed = from_base64(base64);
  if (!framed) return bad("not base64");
  if (framed->size() < 8 || get<std::uint32_t>(*framed, 0) != kCompressedCookie)
    return bad("not in the V2 compressed format");
  if (get<std::uint32_t>(*framed, 4) != framed->size() - 8) return bad("wrong compressed length");
  const std::optional<std::string> plain = inflate_bytes(std::string_view(*framed).substr(8), limit);
  if (!plain) return bad("does not decompress");
  if (plain->size() < kHeaderBytes || get<std::uint32_t>(*plain, 0) != kCookie) return bad("not in the V2 format");
  if (get<std::uint32_t>(*plain, 4) != plain->size() - kHeaderBytes) return bad("wrong payload length");
  // The normalizing offset is not looked at: hdr-histogram-js writes 1 there and means 0.
  if (get<std::uint32_t>(*plain, 12) != kDigits || get<std::uint64_t>(*plain, 16) != kLowest ||
      get<std::uint64_t>(*plain, 24) != static_cast<std::uint64_t>(kHighestNs)) {
    return bad("another range or precision");
  }

  std::string_view payload = std::string_view(*plain).substr(kHeaderBytes);
  std::size_t index = 0;
  while (!payload.empty()) {
    const std::optional<std::int64_t> number = take_number(payload);
    if (!number) return bad("cut inside a number");
    const std::size_t left = histogram.counts_.size() - index;
    if (*number >= 0) {
      if (left == 0) return bad("more counts than buckets");
      const auto count = static_cast<std::uint64_t>(*number);
      if (count > std::numeric_limits<std::uint64_t>::max() / 4 - histogram.total_) return bad("counts overflow");
      histogram.counts_[index++] = count;
      histogram.total_ += count;
    } else {
      if (*number < -static_cast<std::int64_t>(left)) return bad("more counts than buckets");
      index += static_cast<std::size_t>(-*number);
    }
  }
  return histogram;
}

}  // namespace dyno::stats
