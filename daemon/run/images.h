// Makes the images of a run ready before anything is timed: resolves base images, reuses an image that was built from the same
// content, builds it otherwise. A stack that cannot be built is a result with its reason, not an error.
#pragma once

#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

#include "base/result.h"
#include "model/run.h"
#include "model/service.h"
#include "model/stack.h"
#include "run/rig.h"

namespace dyno::run {

// A service's image; without one there is no run.
struct ServiceImage {
  std::string id;
  std::string base_kind;  // as of RunStack
  std::string bases;
  std::optional<Nanos> build;  // absent: the image was there already
};
Result<ServiceImage> prepare_service_image(const Rig& rig, const model::Service& service, std::stop_token stop);

// The stack's image; `failure` in it says why there is none. An Error only for a stop or an engine that is gone.
Result<model::RunStack> prepare_image(const Rig& rig, const model::Stack& stack, std::stop_token stop);

// The sandbox's image, made from dyno-exec alone; returns its id.
Result<std::string> prepare_sandbox_image(const Rig& rig, std::string_view program_hash);

}  // namespace dyno::run
