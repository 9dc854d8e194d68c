// However the bytes are cut, and whatever the memo holds, the parser must say the same.
#include <cstdio>
#include <cstdlib>

#include "unit/runner_load/parse_all.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace dyno::loadgen;
  if (size < 2) return 0;
  const std::size_t seed = data[0];
  const bool to_head = (data[1] & 1) != 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 2, size - 2);

  HeaderMemo cold;
  const Parsed whole = parse_all({bytes}, 3, true, to_head, cold);
  const Parsed again = parse_all({bytes}, 3, true, to_head, cold);  // the memo is warm now

  std::vector<std::string_view> pieces;
  std::size_t step = seed % 7 + 1;
  for (std::size_t at = 0; at < bytes.size(); at += step, step = (step * 5 + seed) % 13 + 1)
    pieces.push_back(bytes.substr(at, step));
  HeaderMemo split_memo;
  const Parsed split = parse_all(pieces, 3, true, to_head, split_memo);

  if (!(whole == again) || !(whole == split)) std::abort();
  return 0;
}
