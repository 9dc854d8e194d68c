// Any bytes as a request: however they are cut the result is the same, and what was taken keeps its promises. The first byte
// chooses the cut. Bodies go on to the reader of a wish.
#include <cstdint>
#include <cstdlib>

#include "api/request.h"
#include "api/request_collector.h"
#include "api/wire.h"
#include "base/text.h"

namespace {

using dyno::api::RequestCollector;

void check_same(const RequestCollector& whole, const RequestCollector& cut) {
  if (whole.state() != cut.state()) std::abort();
  if (whole.state() == RequestCollector::State::refused && whole.refusal() != cut.refusal()) std::abort();
  if (whole.state() == RequestCollector::State::complete && (whole.head() != cut.head() || whole.body() != cut.body()))
    std::abort();
}

void check_promises(const RequestCollector& collector) {
  if (collector.body().size() != collector.head().content_length) std::abort();
  if (collector.head().headers.size() > dyno::api::kMaxHeaderLines) std::abort();
  const auto target = dyno::api::parse_target(collector.head().target);
  if (!target) return;
  for (const std::string& segment : target->segments) {
    if (segment == ".." || segment.find('/') != std::string::npos || segment.find('\0') != std::string::npos)
      std::abort();
    if (!dyno::is_valid_utf8(segment)) std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::size_t piece = data[0] % 64 + 1U;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  RequestCollector whole;
  whole.feed(bytes);
  RequestCollector cut;
  for (std::size_t at = 0; at < bytes.size(); at += piece) cut.feed(bytes.substr(at, piece));
  check_same(whole, cut);
  if (whole.state() == RequestCollector::State::complete) check_promises(whole);
  if (const auto wish = dyno::api::wire::read_new_run(bytes); !wish && wish.error().detail.empty()) std::abort();
  return 0;
}
