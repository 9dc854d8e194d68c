#include "api/compressor.h"

#include <brotli/encode.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <limits>
#include <new>

#include "base/check.h"

namespace dyno::api {
namespace {

// Where size stops falling and time begins to rise for JSON of figures: Brotli at 5 is smaller than gzip at 9 in the time of
// gzip at 6. A window of 512 KiB keeps an encoder's memory small and loses a percent of the size.
constexpr int kGzipLevel = 6;
constexpr int kBrotliQuality = 5;
constexpr int kBrotliWindowBits = 19;
constexpr std::size_t kDeflatedPiece = 32 * 1024;

}  // namespace

class Compressor::Encoder {
 public:
  explicit Encoder(Coding coding) : coding_(coding) {
    CHECK(coding != Coding::identity, "identity needs no encoder");
    if (coding_ == Coding::gzip) {
      constexpr int kGzipFrame = 16;  // zlib's own way to ask for gzip's header and trailer
      if (::deflateInit2(&deflate_, kGzipLevel, Z_DEFLATED, MAX_WBITS + kGzipFrame, 8, Z_DEFAULT_STRATEGY) != Z_OK)
        throw std::bad_alloc();
      return;
    }
    brotli_ = ::BrotliEncoderCreateInstance(nullptr, nullptr, nullptr);
    if (brotli_ == nullptr) throw std::bad_alloc();
    ::BrotliEncoderSetParameter(brotli_, BROTLI_PARAM_QUALITY, kBrotliQuality);
    ::BrotliEncoderSetParameter(brotli_, BROTLI_PARAM_LGWIN, kBrotliWindowBits);
  }
  ~Encoder() {
    if (coding_ == Coding::gzip) ::deflateEnd(&deflate_);
    if (brotli_ != nullptr) ::BrotliEncoderDestroyInstance(brotli_);
  }
  Encoder(const Encoder&) = delete;
  Encoder& operator=(const Encoder&) = delete;

  void add(std::string_view bytes, bool last, std::string& out) {
    if (coding_ == Coding::gzip) {
      add_gzip(bytes, last, out);
    } else {
      add_brotli(bytes, last, out);
    }
  }

 private:
  void add_gzip(std::string_view bytes, bool last, std::string& out) {
    std::array<char, kDeflatedPiece> piece{};
    do {
      const std::size_t count = std::min<std::size_t>(bytes.size(), std::numeric_limits<int>::max());
      // zlib reads through a pointer to non-const and does not write there.
      deflate_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
      deflate_.avail_in = static_cast<uInt>(count);
      bytes.remove_prefix(count);
      const int flush = last && bytes.empty() ? Z_FINISH : Z_NO_FLUSH;
      do {
        deflate_.next_out = reinterpret_cast<Bytef*>(piece.data());
        deflate_.avail_out = static_cast<uInt>(piece.size());
        ::deflate(&deflate_, flush);  // fails only when called wrongly
        out.append(piece.data(), piece.size() - deflate_.avail_out);
      } while (deflate_.avail_out == 0);
    } while (!bytes.empty());
  }

  void add_brotli(std::string_view bytes, bool last, std::string& out) {
    const BrotliEncoderOperation operation = last ? BROTLI_OPERATION_FINISH : BROTLI_OPERATION_PROCESS;
    std::size_t left = bytes.size();
    const auto* next = reinterpret_cast<const std::uint8_t*>(bytes.data());
    do {
      std::size_t room = 0;
      if (::BrotliEncoderCompressStream(brotli_, operation, &left, &next, &room, nullptr, nullptr) != BROTLI_TRUE)
        throw std::bad_alloc();
      std::size_t count = 0;
      const std::uint8_t* const ready = ::BrotliEncoderTakeOutput(brotli_, &count);
      out.append(reinterpret_cast<const char*>(ready), count);
    } while (left > 0 || ::BrotliEncoderHasMoreOutput(brotli_) == BROTLI_TRUE);
  }

  Coding coding_;
  z_stream deflate_{};
  BrotliEncoderState* brotli_ = nullptr;
};

Compressor::Compressor(Coding coding) : encoder_(std::make_unique<Encoder>(coding)) {}
Compressor::~Compressor() = default;
Compressor::Compressor(Compressor&&) noexcept = default;
Compressor& Compressor::operator=(Compressor&&) noexcept = default;

void Compressor::feed(std::string_view bytes, std::string& out) {
  if (!bytes.empty()) encoder_->add(bytes, false, out);
}

void Compressor::finish(std::string& out) { encoder_->add({}, true, out); }

std::string compress(Coding coding, std::string_view bytes) {
  Compressor compressor(coding);
  std::string out;
  compressor.feed(bytes, out);
  compressor.finish(out);
  return out;
}

}  // namespace dyno::api
