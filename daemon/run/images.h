// Makes the images of a run ready before anything is timed: resolves base images, packs the folder as it is now, reuses an image
// that was built from the same bytes, builds it otherwise. One that is named is taken as it is, or pulled. A stack that cannot be built is a result with its reason, not an error.
#pragma once

#include <functional>
#include <optional>
#include <stop_token>
#include <string>

#include "base/result.h"
#include "model/run.h"
#include "model/service.h"
#include "model/stack.h"
#include "run/rig.h"

namespace dyno::run {

// Whether the file of a stack or service still says what the run was accepted with: the settings of one state of a folder are
// never measured with the content of another. Either may be empty: not asked.
struct FileChecks {
  std::function<Status(const model::Stack&)> stack;
  std::function<Status(const model::Service&)> service;
};

// A service's image; without one there is no run.
struct ServiceImage {
  std::string id;
  std::string content;    // "sha256:…" of the bytes that it was built from
  std::string base_kind;  // as of RunStack
  std::string bases;
  std::optional<Nanos> build;  // absent: the image was there already
};
Result<ServiceImage> prepare_service_image(ports::ContainerEngine& engine, const model::Service& service,
                                           const FileChecks& checks, std::stop_token stop,
                                           const ports::BuildLog& log = {});

// The stack's image and the hash of what it was built from; `failure` in it says why there is none. An Error only for a stop or
// an engine that is gone.
Result<model::RunStack> prepare_image(ports::ContainerEngine& engine, const model::Stack& stack,
                                      const FileChecks& checks, std::stop_token stop, const ports::BuildLog& log = {});

// The stack with what its image says where its file says nothing: the command, from ENTRYPOINT and CMD, and the port, where one alone is
// EXPOSEd. invalid_argument: neither says. Pure.
Result<model::Stack> fit_to_image(model::Stack stack, const ports::ImageDescription& image);

// The sandbox's image, made from dyno-exec alone; returns its id.
Result<std::string> prepare_sandbox_image(const Rig& rig);

}  // namespace dyno::run
