// The services of one run, each ready before the first trial, and started anew when it ended in the middle. One that cannot be had is
// lost, and with it the stacks that ask for it; the others are measured all the same. The containers are gone with the object. One thread.
#pragma once

#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "model/service.h"
#include "model/stack.h"
#include "run/rig.h"
#include "run/service_container.h"

namespace dyno::run {

class RunServices {
 public:
  // What is referred to must outlive it.
  RunServices(const Rig& rig, const std::vector<model::Service>& services);

  // What became of the image of the service at `index`.
  void has_image(std::size_t index, const std::string& image_id) { held_[index].image_id = image_id; }
  void lose(std::size_t index, const std::string& why) { held_[index].lost = why; }

  // All that have an image, in order. `place` but for what is each one's own. Fails where the run cannot go on now: the engine is gone.
  ServiceResult<void> start(const ServicePlace& place, const std::stop_token& stop);
  // Those that have ended, as at the beginning, but no service forever. Fails like start().
  ServiceResult<void> start_ended(const std::stop_token& stop);
  void remove();

  std::vector<std::string> container_ids() const;
  // Those that the stack asks for and that there are.
  std::vector<ServiceContainer*> of(const model::Stack& stack);
  // What those are made of: image and content.
  std::vector<std::string> contents_of(const model::Stack& stack) const;
  // Why the stack cannot be measured; empty: all that it asks for are there.
  std::string why_without(const model::Stack& stack) const;

 private:
  struct Held {
    const model::Service* service = nullptr;
    std::string image_id{};
    std::string lost{};  // why there is none; empty: there is one
    int starts = 0;
    std::optional<ServiceContainer> container{};
  };

  ServiceResult<void> start_one(Held& held, const std::stop_token& stop);
  std::string alias_of(const model::Service& service) const;

  const Rig& rig_;
  const std::vector<model::Service>& services_;
  ServicePlace place_;
  std::vector<Held> held_;  // in the order of the services
};

}  // namespace dyno::run
