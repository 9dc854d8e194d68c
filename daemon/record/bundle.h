// A run as one file that another daemon shows alike: its job, and its events as they were stored, each with its bulk parts. Lines of words
// with a blank between them; bytes are base64, so that no line can be taken for another. The last line has the SHA-256 of all before it
// (daemon/docs/bundles.md). What is read may come from anybody: every line has its place, its form and a limit. Pure but for the hash that
// it collects; one thread at a time.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/sha256.h"
#include "base/units.h"
#include "model/run.h"
#include "record/record.h"

namespace dyno::record {

inline constexpr std::size_t kMostBundleBytes = std::size_t{1} << 30U;
inline constexpr std::size_t kMostLineBytes = std::size_t{16} << 20U;

struct BundleHead {
  std::string run_id;
  std::string from;  // the id of the database that it was exported from
  WallTime exported_at{};
  std::string job_hash;
  std::string job;  // deflated
  model::Marks marks{};
  int events = 0;
};

struct BundleEvent {
  WallTime at{};
  std::string payload;  // deflated
  std::vector<Attachment> parts{};
};

std::string bundle_head(const BundleHead& head);
std::string bundle_event(const BundleEvent& event);
std::string bundle_event_line(const BundleEvent& event);  // without its parts
std::string bundle_end(const std::string& sha256);

struct BundleTakers {
  std::function<Status(BundleHead&&)> head;
  std::function<Status(BundleEvent&&)> event;
};

// Takes the bytes of a file in pieces of any size. After an error it takes no more.
class BundleReader {
 public:
  explicit BundleReader(BundleTakers takers) : takers_(std::move(takers)) {}

  Status feed(std::string_view bytes);
  // After the last byte: whether it was whole.
  Status finish();
  // Of its events without their parts, after finish(): the same run gives the same, whenever and from wherever it was exported, and
  // whatever has gone of its series since.
  const std::string& content() const { return content_hash_; }

 private:
  Status take_line(std::string_view line);
  Status take_head_line(std::string_view word, std::string_view rest);
  Status take_event_line(std::string_view line, std::string_view word, std::string_view rest);
  Status hand_over_event();
  Status end_with(std::string_view sha256);

  enum class Place { version, head, events, end };

  BundleTakers takers_;
  Place place_ = Place::version;
  int line_number_ = 0;
  std::string line_;
  std::size_t bytes_ = 0;
  BundleHead head_;
  int head_step_ = 0;
  std::optional<BundleEvent> event_;
  int events_ = 0;
  Sha256 all_;
  Sha256 content_;
  std::string content_hash_;
};

}  // namespace dyno::record
