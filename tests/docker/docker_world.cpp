#include "docker/docker_world.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "docker/engine_socket.h"

namespace dyno::tests {

DockerWorld::DockerWorld() : instance_(fmt::format("test-{}", getpid())) {
  const auto socket = engine_socket();
  if (!socket) {
    why_not_ = socket.error().message;
    return;
  }
  engine_ = std::make_unique<docker::DockerEngine>(*socket, clock_);
  if (const auto described = engine_->describe(); !described)
    why_not_ = "no Docker engine to test with: " + described.error().message;
}

DockerWorld::~DockerWorld() {
  if (!why_not_.empty()) return;
  const std::string left = clean_up();
  EXPECT_TRUE(left.empty()) << "left behind: " << left;
}

std::string DockerWorld::unique(const std::string& word) {
  return fmt::format("dyno-{}-{}-{}", instance_, ++names_, word);
}

std::string DockerWorld::program_image() {
  if (!image_.empty()) return image_;
  const auto id = engine_->import_program(built_program("docker_test_program"),
                                          fmt::format("stackdyno/{}:latest", instance_), labels());
  EXPECT_TRUE(id) << id.error().message;
  image_ = id.value_or("");
  return image_;
}

ports::ContainerSpec DockerWorld::spec(const std::string& word, std::vector<std::string> command) {
  if (network_.empty()) network_ = engine_->create_network(unique("net"), labels()).value_or("");
  ports::ContainerSpec spec;
  spec.name = unique(word);
  spec.image_id = program_image();
  spec.command = std::move(command);
  spec.labels = labels();
  spec.user = "65532:65532";
  spec.memory = mib(512);
  spec.network = ports::JoinNetwork{network_};
  return spec;
}

std::string DockerWorld::running(const ports::ContainerSpec& spec) {
  const auto id = engine_->create_container(spec);
  EXPECT_TRUE(id) << id.error().message;
  if (!id) return {};
  const auto started = engine_->start_container(*id);
  EXPECT_TRUE(started) << started.error().message;
  const MonotonicTime deadline = clock_.now() + std::chrono::seconds(20);
  while (started && clock_.now() < deadline) {
    const auto log = engine_->container_log(*id, kib(4));
    if (log && log->find("ready\n") != std::string::npos) return *id;
    wait_for(clock_, std::chrono::milliseconds(20), {});
  }
  ADD_FAILURE() << spec.name << " did not say that it is ready";
  return {};
}

std::string DockerWorld::clean_up() {
  image_.clear();
  network_.clear();
  const auto objects = engine_->list_labelled("stackdyno.instance", instance_);
  if (!objects) return objects.error().message;
  // Containers come first in the list, then networks, then images: the order in which they can be removed.
  for (const ports::OwnedObject& object : *objects) {
    switch (object.kind) {
      case ports::ObjectKind::container: static_cast<void>(engine_->remove_container(object.id)); break;
      case ports::ObjectKind::network: static_cast<void>(engine_->remove_network(object.id)); break;
      case ports::ObjectKind::image: static_cast<void>(engine_->remove_image(object.id)); break;
    }
  }
  const auto left = engine_->list_labelled("stackdyno.instance", instance_);
  if (!left) return left.error().message;
  std::string names;
  for (const ports::OwnedObject& object : *left) names += object.name + " " + object.id + "\n";
  return names;
}

std::string built_program(const std::string& name) { return std::string(DYNO_BIN_DIR) + "/" + name; }

}  // namespace dyno::tests
