// For tests on a real engine: the engine, an image of the test program, and the promise that whatever carries this process's label
// is gone at the end. Not thread-safe.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "base/clock.h"
#include "docker/docker_engine.h"

namespace dyno::tests {

class DockerWorld {
 public:
  DockerWorld();
  ~DockerWorld();
  DockerWorld(const DockerWorld&) = delete;
  DockerWorld& operator=(const DockerWorld&) = delete;

  // Empty when an engine answers; else the sentence for GTEST_SKIP.
  const std::string& why_not() const { return why_not_; }

  docker::DockerEngine& engine() { return *engine_; }
  RealClock& clock() { return clock_; }
  std::map<std::string, std::string> labels() const { return {{"stackdyno.instance", instance_}}; }
  const std::string& instance() const { return instance_; }
  std::string unique(const std::string& word);  // a name that no other test uses

  // The image of the test program, made at the first call; its id.
  std::string program_image();
  // A container of it in the sandbox-less simplest form: on a network of its own.
  ports::ContainerSpec spec(const std::string& word, std::vector<std::string> command);
  // Created, started, and its "ready" seen; the id. An empty id after a failure, which is recorded with the test.
  std::string running(const ports::ContainerSpec& spec);

  // Removes all that carries our label; what could not be removed.
  std::string clean_up();

 private:
  RealClock clock_;
  std::string instance_;
  std::string why_not_;
  std::unique_ptr<docker::DockerEngine> engine_;
  std::string image_;
  std::string network_;
  int names_ = 0;
};

// The path of a program that the build made beside the tests.
std::string built_program(const std::string& name);

}  // namespace dyno::tests
