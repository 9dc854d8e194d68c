// Any bytes as a command line, a URL and a file of requests of dyno-load: never a crash, and what a URL is shown as is the same URL.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "base/text.h"
#include "runners/load/arguments.h"
#include "runners/load/request_file.h"
#include "runners/load/url.h"

namespace dyno::loadgen {
namespace {

void try_url(std::string_view text) {
  const auto url = parse_url(text);
  if (!url) return;
  const auto again = parse_url(url->text());
  if (!again || again->text() != url->text() || again->host != url->host || again->port != url->port) std::abort();
  if (!again->credentials.empty() || !url->target.starts_with('/')) std::abort();
}

void try_arguments(std::string_view text) {
  std::vector<std::string> words;
  for (const std::string_view word : split(text, '\n')) words.emplace_back(word);
  std::vector<const char*> pointers;
  pointers.reserve(words.size());
  for (const std::string& word : words) pointers.push_back(word.c_str());
  const Arguments arguments(pointers);
  if (arguments.problems().empty() && arguments.url().empty()) std::abort();
}

}  // namespace
}  // namespace dyno::loadgen

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace dyno::loadgen;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto no_file = [](const std::string&) { return dyno::Result<std::string>(""); };
  try_url(text);
  try_arguments(text);
  for (const auto& file : {"r.jsonl", "r.yaml"}) {
    const auto requests = read_requests(text, file, {}, no_file);
    if (requests ? requests->requests.empty() : requests.error().empty()) std::abort();
  }
  return 0;
}
