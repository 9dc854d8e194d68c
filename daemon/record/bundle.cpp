#include "record/bundle.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/encoding.h"
#include "base/id.h"
#include "base/text.h"
#include "model/tag.h"

namespace dyno::record {
namespace {

constexpr std::string_view kBundleVersion = "stackdyno-bundle 1";
constexpr int kMostEvents = 5'000'000;
constexpr std::size_t kMostPointerBytes = 200;
constexpr std::size_t kMostParts = 1000;
constexpr std::size_t kMostWords = 2000;

Status bad(std::string words) { return fail(ErrorCode::invalid_argument, std::move(words)); }

// The lines of the head that there must be, in their order; those of the marks come between the last two.
enum HeadStep { run, from, exported, job, marks };

bool is_hash(std::string_view text) {
  constexpr std::size_t kLength = 64;
  return text.size() == kLength &&
         std::all_of(text.begin(), text.end(), [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

bool is_pointer(std::string_view text) {
  return text.starts_with('/') && text.size() <= kMostPointerBytes &&
         std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < 0x7f; });
}

std::optional<std::string> words_of(std::string_view base64) {
  auto text = from_base64(base64);
  if (!text || text->size() > kMostWords) return std::nullopt;
  return text;
}

}  // namespace

std::string bundle_head(const BundleHead& head) {
  std::string text = fmt::format("{}\nrun {}\nfrom {}\nexported {}\njob {} {}\n", kBundleVersion, head.run_id,
                                 head.from, to_ns(head.exported_at), head.job_hash, to_base64(head.job));
  if (!head.marks.note.empty()) text += fmt::format("note {}\n", to_base64(head.marks.note));
  for (const std::string& tag : head.marks.tags) text += fmt::format("tag {}\n", tag);
  if (head.marks.pinned) text += "pinned yes\n";
  if (head.marks.excluded) text += fmt::format("excluded {}\n", to_base64(*head.marks.excluded));
  return text + fmt::format("events {}\n", head.events);
}

std::string bundle_event_line(const BundleEvent& event) {
  return fmt::format("event {} {}\n", to_ns(event.at), to_base64(event.payload));
}

std::string bundle_event(const BundleEvent& event) {
  std::string text = bundle_event_line(event);
  for (const Attachment& part : event.parts) text += fmt::format("part {} {}\n", part.pointer, to_base64(part.bytes));
  return text;
}

std::string bundle_end(const std::string& sha256) { return fmt::format("end {}\n", sha256); }

Status BundleReader::feed(std::string_view bytes) {
  bytes_ += bytes.size();
  if (bytes_ > kMostBundleBytes) return bad("the bundle is larger than 1 GiB");
  while (!bytes.empty()) {
    const std::size_t end = bytes.find('\n');
    const std::string_view more = bytes.substr(0, end);
    if (line_.size() + more.size() > kMostLineBytes)
      return bad(fmt::format("line {} of the bundle is longer than 16 MiB", line_number_ + 1));
    line_.append(more);
    if (end == std::string_view::npos) return {};
    ++line_number_;
    if (Status taken = take_line(line_); !taken)
      return fail(taken.error(), fmt::format("line {} of the bundle", line_number_));
    line_.clear();
    bytes.remove_prefix(end + 1);
  }
  return {};
}

Status BundleReader::finish() {
  if (place_ != Place::end || !line_.empty())
    return bad(fmt::format("the bundle is cut off after line {}", line_number_));
  return {};
}

Status BundleReader::take_line(std::string_view line) {
  if (place_ == Place::end) return bad("something follows its end");
  const std::size_t blank = line.find(' ');
  const std::string_view word = line.substr(0, blank);
  const std::string_view rest = blank == std::string_view::npos ? std::string_view() : line.substr(blank + 1);
  if (word == "end" && place_ == Place::events) return end_with(rest);
  all_.update(line);
  all_.update("\n");
  switch (place_) {
    case Place::version:
      if (line != kBundleVersion)
        return bad(fmt::format("it is no bundle of this version: \"{}\" is expected", kBundleVersion));
      place_ = Place::head;
      return {};
    case Place::head: return take_head_line(word, rest);
    case Place::events: return take_event_line(line, word, rest);
    case Place::end: break;
  }
  return {};
}

Status BundleReader::take_head_line(std::string_view word, std::string_view rest) {
  if (word == "run" && head_step_ == HeadStep::run && is_id(rest)) {
    head_.run_id = rest;
  } else if (word == "from" && head_step_ == HeadStep::from && is_id(rest)) {
    head_.from = rest;
  } else if (const auto at = parse_int(rest); word == "exported" && head_step_ == HeadStep::exported && at) {
    head_.exported_at = wall_from_ns(*at);
  } else if (word == "job" && head_step_ == HeadStep::job) {
    constexpr std::string_view kHash = "sha256:";
    const std::size_t blank = rest.find(' ');
    const std::string_view hash = rest.substr(0, blank);
    auto job = blank == std::string_view::npos ? std::nullopt : from_base64(rest.substr(blank + 1));
    if (!job || !hash.starts_with(kHash) || !is_hash(hash.substr(kHash.size()))) return bad("the job has no good form");
    head_.job_hash = hash;
    head_.job = std::move(*job);
  } else if (head_step_ == HeadStep::marks) {
    if (const auto count = parse_int(rest); word == "events" && count && *count >= 1 && *count <= kMostEvents) {
      head_.events = static_cast<int>(*count);
      place_ = Place::events;
      return takers_.head(std::move(head_));
    }
    const auto words = words_of(rest);
    if (word == "note" && words) head_.marks.note = *words;
    else if (word == "excluded" && words && !words->empty()) head_.marks.excluded = *words;
    else if (word == "pinned" && rest == "yes") head_.marks.pinned = true;
    else if (word == "tag" && model::is_tag(rest) && head_.marks.tags.size() < model::kMostTags &&
             (head_.marks.tags.empty() || head_.marks.tags.back() < rest))
      head_.marks.tags.emplace_back(rest);
    else return bad("it has no place in the head, or no good form");
    return {};
  } else {
    return bad("it has no place in the head, or no good form");
  }
  ++head_step_;
  return {};
}

Status BundleReader::take_event_line(std::string_view line, std::string_view word, std::string_view rest) {
  const std::size_t blank = rest.find(' ');
  const std::string_view first = rest.substr(0, blank);
  auto bytes = blank == std::string_view::npos ? std::nullopt : from_base64(rest.substr(blank + 1));
  if (!bytes) return bad("it is neither an event nor a part of one");
  if (word == "event") {
    if (Status handed = hand_over_event(); !handed) return handed;
    const auto at = parse_int(first);
    if (!at || *at < 0) return bad("the time of an event is no number");
    event_ = BundleEvent{wall_from_ns(*at), std::move(*bytes), {}};
    content_.update(line);
    content_.update("\n");
  } else if (word == "part" && event_ && is_pointer(first) && event_->parts.size() < kMostParts) {
    event_->parts.push_back({std::string(first), std::move(*bytes)});
  } else {
    return bad("it is neither an event nor a part of one");
  }
  return {};
}

Status BundleReader::hand_over_event() {
  if (!event_) return {};
  if (++events_ > head_.events) return bad("there are more events than the head says");
  BundleEvent event = std::move(*event_);
  event_.reset();
  return takers_.event(std::move(event));
}

Status BundleReader::end_with(std::string_view sha256) {
  if (sha256 != all_.hex()) return bad("its hash is not that of what came: the bundle was changed or damaged");
  if (Status handed = hand_over_event(); !handed) return handed;
  if (events_ != head_.events) return bad("there are fewer events than the head says");
  content_hash_ = content_.hex();
  place_ = Place::end;
  return {};
}

}  // namespace dyno::record
