// The images of one run, made ready one by one, with what is told of each and of the build behind it. An image that the run was
// measured on already stays its image, whatever its folder holds by now. One thread.
#pragma once

#include <functional>
#include <optional>
#include <stop_token>
#include <string>

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
  Preparation(const Rig& rig, std::string run_id, const FileChecks& checks, PresentBuild& present,
              const Resumption& past, Tell tell, std::stop_token stop);

  Prepared<StackImage> stack(const model::Stack& stack);
  Prepared<ServiceImage> service(const model::Service& service);

 private:
  Result<bool> is_there(const std::string& image_id) const;
  Result<model::RunStack> make(const model::Stack& stack);
  Result<ServiceImage> make(const model::Service& service);
  Prepared<ServiceImage> take(const model::Service& service, const std::optional<ServiceImage>& before);
  MonotonicTime begin_build(model::ImageOwner owner, const std::string& name);
  bool end_build(bool failed, MonotonicTime begin);
  std::string with_place_of_log(const std::string& failure, const std::string& name) const;

  const Rig& rig_;
  const std::string run_id_;
  const FileChecks& checks_;
  PresentBuild& present_;
  const Resumption& past_;
  const Tell tell_;
  const std::stop_token stop_;
  const ports::BuildLog log_ = [this](const ports::BuildLine& line) { present_.add(line); };
  Status told_;  // of the last build's log
};

}  // namespace dyno::run
