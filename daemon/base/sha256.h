// SHA-256 of bytes, as 64 lower-case hexadecimal characters: content hashes of stacks, profiles, plans and facts.
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace dyno {

std::string sha256_hex(std::string_view bytes);

// The same over bytes that come in pieces. One thread.
class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(const Sha256&) = delete;
  Sha256& operator=(const Sha256&) = delete;

  void update(std::string_view bytes);
  std::string hex();  // of all pieces; once, at the end

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace dyno
