#include "work.h"

#include <openssl/evp.h>

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

namespace {

using Digest = std::array<unsigned char, 32>;

std::string to_hex(const Digest& digest) {
  constexpr const char* kDigits = "0123456789abcdef";
  std::string text;
  for (const unsigned char byte : digest) {
    text += kDigits[byte >> 4U];
    text += kDigits[byte & 15U];
  }
  return text;
}

}  // namespace

std::string hash_chain(int n) {
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
  Digest digest{};
  const auto hash = [&](const void* data, std::size_t size) {
    EVP_DigestUpdate(context.get(), data, size);
    EVP_DigestFinal_ex(context.get(), digest.data(), nullptr);
  };
  EVP_DigestInit_ex(context.get(), EVP_sha256(), nullptr);
  hash("seed", 4);
  for (int i = 1; i < n; ++i) {
    EVP_DigestInit_ex(context.get(), nullptr, nullptr);
    hash(digest.data(), digest.size());
  }
  return to_hex(digest);
}

int primes_up_to(int n) {
  std::vector<unsigned char> composite(static_cast<std::size_t>(n) + 1);
  int primes = 0;
  for (std::int64_t i = 2; i <= n; ++i) {
    if (composite[static_cast<std::size_t>(i)] != 0) continue;
    ++primes;
    for (std::int64_t j = i * i; j <= n; j += i) composite[static_cast<std::size_t>(j)] = 1;
  }
  return primes;
}
