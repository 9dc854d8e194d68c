#include "base/pattern.h"

#include <fmt/format.h>
#include <re2/re2.h>

namespace dyno {
namespace {

constexpr std::int64_t kMostMemory = 1 << 20;

re2::StringPiece piece_of(std::string_view text) { return {text.data(), text.size()}; }

}  // namespace

Pattern::Pattern(std::unique_ptr<re2::RE2> engine) : engine_(std::move(engine)) {}
Pattern::~Pattern() = default;
Pattern::Pattern(Pattern&& other) noexcept = default;
Pattern& Pattern::operator=(Pattern&& other) noexcept = default;

Result<Pattern> Pattern::compile(std::string_view text) {
  if (text.size() > kMostBytes) {
    return fail(ErrorCode::invalid_argument,
                fmt::format("a pattern of {} bytes, and {} is the most", text.size(), kMostBytes));
  }
  re2::RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(kMostMemory);
  auto engine = std::make_unique<re2::RE2>(piece_of(text), options);
  if (!engine->ok()) return fail(ErrorCode::invalid_argument, engine->error());
  return Pattern(std::move(engine));
}

const std::string& Pattern::text() const { return engine_->pattern(); }
int Pattern::groups() const { return engine_->NumberOfCapturingGroups(); }

bool Pattern::is_found_in(std::string_view text) const {
  return engine_->Match(piece_of(text), 0, text.size(), re2::RE2::UNANCHORED, nullptr, 0);
}

std::optional<std::string_view> Pattern::first_group(std::string_view text) const {
  re2::StringPiece found[2];
  const int wanted = groups() > 0 ? 2 : 1;
  if (!engine_->Match(piece_of(text), 0, text.size(), re2::RE2::UNANCHORED, found, wanted)) return {};
  if (found[1].data() == nullptr) return {};
  return std::string_view(found[1].data(), found[1].size());
}

}  // namespace dyno
