// The images of one run, made ready a few at a time in the order of the job, with what is told of each and of the build behind it:
// told in that order, too, each when it is asked for. An image that the run was measured on already stays its image, whatever its
// folder holds by now. Used by one thread; the builds have their own where more than one goes on.
#pragma once

#include <cstddef>
#include <functional>
#include <future>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "base/result.h"
#include "model/run_event.h"
#include "model/service.h"
#include "model/stack.h"
#include "run/images.h"
#include "run/present_build.h"
#include "run/resumption.h"
#include "run/rig.h"

namespace dyno::run {

// Why there is no image, and the run cannot go on without it.
struct Unprepared {
  enum class Why {
    engine,   // it failed, or is gone
    journal,  // what happened could not be told
    changed   // what the run began with is gone, and would be built as something else
  };
  Why why = Why::engine;
  Error error;
};
template <class T>
using Prepared = tl::expected<T, Unprepared>;

struct StackImage {
  std::string id;
  std::string failure;  // why there is none: a result of the stack
};

class Preparation {
 public:
  // What is referred to must outlive it. `tell` stores an event of the run.
  using Tell = std::function<Status(const model::RunEvent&)>;
  struct Run {
    std::string id;
    const std::vector<model::Stack>& stacks;
    const std::vector<model::Service>& services;
    const Resumption& past;
    const FileChecks& checks;
  };
  // Begins at once where several are made at a time, else with the image that is asked for.
  Preparation(const Rig& rig, Run run, PresentBuild& present, Tell tell, std::stop_token stop, std::size_t at_once);
  // Stops what goes on still.
  ~Preparation();
  Preparation(const Preparation&) = delete;
  Preparation& operator=(const Preparation&) = delete;

  // Each once; of the run.
  Prepared<StackImage> stack(const model::Stack& stack);
  Prepared<ServiceImage> service(const model::Service& service);

 private:
  struct EndBuild {
    PresentBuild* present;
    void operator()(PresentBuild::Entry* entry) const { present->end(*entry); }
  };
  // What became of an image, and of the build behind it until that is told, or nobody asks for it any more.
  template <class Image>
  struct Made {
    Result<Image> image;
    bool is_kept = false;                                    // it is the one of before
    std::unique_ptr<PresentBuild::Entry, EndBuild> entry{};  // null: there was none
    std::optional<model::BuildLogged> log{};                 // nothing: it told nothing
  };

  // By any thread.
  Made<model::RunStack> make(const model::Stack& stack);
  Made<ServiceImage> make(const model::Service& service);
  Result<bool> is_there(const std::string& image_id) const;
  template <class Image>
  void end_build(Made<Image>& made, bool failed, MonotonicTime begin) const;
  std::string with_place_of_log(const std::string& failure, const std::string& name) const;

  template <class Image, class Source>
  void plan(std::map<std::string, std::future<Made<Image>>>& making, const std::vector<Source>& sources);
  void work();
  template <class Image>
  Status tell_build(Made<Image>& made);

  const Rig& rig_;
  const Run run_;
  PresentBuild& present_;
  const Tell tell_;
  std::stop_source end_;
  const std::stop_callback<std::function<void()>> end_with_run_;
  std::map<std::string, std::mutex> owners_;  // one is made at a time of those that share an image

  std::map<std::string, std::future<Made<model::RunStack>>> stacks_;  // not asked for yet
  std::map<std::string, std::future<Made<ServiceImage>>> services_;
  const std::size_t at_once_;
  std::vector<std::packaged_task<void()>> tasks_;
  std::mutex mutex_;
  std::size_t next_ = 0;  // task; guarded by mutex_
  std::vector<std::jthread> workers_;
};

}  // namespace dyno::run
