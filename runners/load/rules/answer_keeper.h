// Holds answers until they are whole, for rules need all of one. Most answers lie in one read and are looked at there; what comes in
// several reads is put together in a buffer, of which there are as many as answers were ever cut at once: after a while nothing is
// allocated any more. Which answers are wanted is decided here too: those of whose values later requests live, and of the others
// every n-th, and more at first until `least` were. One thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "runners/load/rules/answer_rules.h"

namespace dyno::loadgen {

class AnswerKeeper {
 public:
  static constexpr std::size_t kMostKept = std::size_t{256} << 20;  // bytes of all buffers of a worker

  // `owners`: how many answers may be under way at once; 0: there are no rules.
  AnswerKeeper(double sample_ratio, std::int64_t least, std::size_t owners);

  // An answer to a request with these rules begins. False: it is of no interest. From then on until end() it is kept.
  bool begin(std::uint32_t owner, const AnswerRules& rules);
  bool is_running_for(std::uint32_t owner) const { return !kept_.empty() && kept_[owner].is_running; }
  // Whether the rules are to be applied, not only values to be taken.
  bool is_sample(std::uint32_t owner) const { return kept_[owner].is_sample; }
  // Parts of the head and then of the body, which stay valid until the next settle() or end().
  void add_head(std::uint32_t owner, std::string_view bytes) {
    add(kept_[owner], &Buffer::head, kept_[owner].head, bytes);
  }
  void add_body(std::uint32_t owner, std::string_view bytes) {
    add(kept_[owner], &Buffer::body, kept_[owner].body, bytes);
  }
  // What was added goes away, and the answer is not whole yet: it is copied.
  void settle(std::uint32_t owner);
  // Valid until end(). False in is_whole(): there were more bytes to keep at once than kMostKept.
  SeenAnswer seen(std::uint32_t owner) const { return {kept_[owner].head, kept_[owner].body}; }
  bool is_whole(std::uint32_t owner) const { return !kept_[owner].is_cut; }
  // Also of one that is not running.
  void end(std::uint32_t owner) {
    if (is_running_for(owner)) forget(owner);
  }

  // The measured window opens: the count towards `least` starts again.
  void restart() { answers_ = taken_ = 0; }

 private:
  struct Buffer {
    std::string head;
    std::string body;
  };
  struct Kept {
    std::string_view head;  // in what was read, or in the buffer
    std::string_view body;
    Buffer* buffer = nullptr;
    bool is_running = false;
    bool is_sample = false;
    bool is_cut = false;
  };

  void add(Kept& kept, std::string Buffer::*part, std::string_view& view, std::string_view bytes);
  void copy(Kept& kept, std::string Buffer::*part, std::string_view& view, std::string_view bytes);
  void forget(std::uint32_t owner);
  void append(Kept& kept, std::string Buffer::*part, std::string_view& view, std::string_view bytes);

  const std::int64_t every_;  // 0: none
  const std::int64_t least_;
  std::int64_t answers_ = 0;
  std::int64_t taken_ = 0;
  std::size_t bytes_ = 0;  // what the buffers have room for
  std::vector<Kept> kept_;
  std::vector<std::unique_ptr<Buffer>> buffers_;
  std::vector<Buffer*> free_;
};

}  // namespace dyno::loadgen
