// Any bytes as packed series: never a crash, never more memory than the bytes account for; what is read packs and reads the same.
#include <cstdint>
#include <cstdlib>

#include "record/series_codec.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace dyno::record;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  if (const auto samples = unpack_samples(bytes)) {
    const std::string packed = pack_samples(*samples);
    const auto again = unpack_samples(packed);
    if (!again || pack_samples(*again) != packed) std::abort();
  }
  if (const auto seconds = unpack_seconds(bytes)) {
    const std::string packed = pack_seconds(*seconds);
    const auto again = unpack_seconds(packed);
    if (!again || pack_seconds(*again) != packed) std::abort();
  }
  return 0;
}
