// Any bytes, cut anywhere, as a build stream, as log frames, as the text of counter files: no crash, the same result for every cut,
// and the caps hold. The first byte says where to cut.
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "cgroup/counter_file.h"
#include "cgroup/discovery.h"
#include "docker/engine_api.h"
#include "docker/streams.h"

namespace {

using namespace dyno;

std::string built(std::string_view first, std::string_view second) {
  docker::BuildStream stream;
  stream.feed(first);
  stream.feed(second);
  const auto id = stream.finish();
  CHECK(!id || !id->empty(), "a build without an image id is no success");
  return id ? *id : id.error().message;
}

std::string logged(std::string_view first, std::string_view second) {
  docker::LogFrames frames(kib(1));
  frames.feed(first);
  frames.feed(second);
  CHECK(frames.text().size() <= 1024, "no more is kept than was asked for");
  return frames.text();
}

void read_counters(std::string_view text) {
  for (const auto& value : {cgroup::single_value(text), cgroup::keyed_value(text, "anon")})
    CHECK(!value || *value >= 0, "no counter is negative");
  const auto own = cgroup::private_bytes_v2(text);
  CHECK(!own || own->value >= 0, "no sum overflows");
  static_cast<void>(cgroup::private_bytes_v1(text, 1));
  static_cast<void>(cgroup::pss_of(text));
  static_cast<void>(cgroup::cpu_time_of(text));
  static_cast<void>(cgroup::host_cpu_of(text, 100, {0, 3}));
  static_cast<void>(cgroup::find_folders(text, text));
}

void decode(std::string_view text) {
  const auto container = docker::decode_container(text);
  CHECK(!container || container->status.state != "running" || container->status.pid > 0, "what runs has a process");
  static_cast<void>(docker::decode_image(text));
  static_cast<void>(docker::decode_info(text));
  static_cast<void>(docker::decode_containers(text));
  static_cast<void>(docker::error_text(text));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  const std::size_t cut = text.size() * data[0] / 255;
  CHECK(built(text, {}) == built(text.substr(0, cut), text.substr(cut)), "a build reads the same however it is cut");
  CHECK(logged(text, {}) == logged(text.substr(0, cut), text.substr(cut)), "a log reads the same however it is cut");
  read_counters(text);
  decode(text);
  return 0;
}
