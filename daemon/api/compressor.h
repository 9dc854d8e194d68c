// Packs bytes as they come, in gzip or Brotli. The only file, with its source, that knows the two libraries. What it holds is
// bounded (less than 4 MiB), however much passes. Not shared between threads; throws std::bad_alloc where memory is out.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "api/negotiation.h"

namespace dyno::api {

class Compressor {
 public:
  explicit Compressor(Coding coding);  // not identity
  ~Compressor();
  Compressor(Compressor&&) noexcept;
  Compressor& operator=(Compressor&&) noexcept;

  // Adds to `out` what is ready; may be nothing.
  void feed(std::string_view bytes, std::string& out);
  // Once, at the end.
  void finish(std::string& out);

  class Encoder;

 private:
  std::unique_ptr<Encoder> encoder_;
};

std::string compress(Coding coding, std::string_view bytes);

}  // namespace dyno::api
