#include "unpack.h"

#include <brotli/decode.h>
#include <zlib.h>

#include <array>

namespace dyno::api {
namespace {

std::optional<std::string> unpack_gzip(std::string_view bytes) {
  z_stream stream{};
  if (inflateInit2(&stream, MAX_WBITS + 16) != Z_OK) return std::nullopt;
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  std::string plain;
  std::array<char, 65536> piece{};
  int code = Z_OK;
  while (code == Z_OK) {
    stream.next_out = reinterpret_cast<Bytef*>(piece.data());
    stream.avail_out = static_cast<uInt>(piece.size());
    code = inflate(&stream, Z_NO_FLUSH);
    plain.append(piece.data(), piece.size() - stream.avail_out);
  }
  inflateEnd(&stream);
  if (code != Z_STREAM_END || stream.avail_in > 0) return std::nullopt;
  return plain;
}

std::optional<std::string> unpack_brotli(std::string_view bytes) {
  BrotliDecoderState* const state = BrotliDecoderCreateInstance(nullptr, nullptr, nullptr);
  std::size_t left = bytes.size();
  const auto* next = reinterpret_cast<const std::uint8_t*>(bytes.data());
  std::string plain;
  BrotliDecoderResult result = BROTLI_DECODER_RESULT_NEEDS_MORE_OUTPUT;
  while (result == BROTLI_DECODER_RESULT_NEEDS_MORE_OUTPUT) {
    std::size_t room = 0;
    result = BrotliDecoderDecompressStream(state, &left, &next, &room, nullptr, nullptr);
    std::size_t count = 0;
    const std::uint8_t* const ready = BrotliDecoderTakeOutput(state, &count);
    plain.append(reinterpret_cast<const char*>(ready), count);
  }
  BrotliDecoderDestroyInstance(state);
  if (result != BROTLI_DECODER_RESULT_SUCCESS || left > 0) return std::nullopt;
  return plain;
}

}  // namespace

std::optional<std::string> unpack(std::string_view coding, std::string_view bytes) {
  if (coding == "gzip") return unpack_gzip(bytes);
  if (coding == "br") return unpack_brotli(bytes);
  return std::string(bytes);
}

}  // namespace dyno::api
