// What the contract suite needs of the engine it runs on: the engine, and an image whose program obeys tests/docker/test_program.cpp.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "ports/container_engine.h"

namespace dyno::tests {

class EngineUnderTest {
 public:
  virtual ~EngineUnderTest() = default;
  virtual const std::string& why_not() const = 0;  // empty: the engine is there
  virtual ports::ContainerEngine& engine() = 0;
  virtual std::string program_path() = 0;
  virtual std::string unique(const std::string& word) = 0;
  virtual std::map<std::string, std::string> labels()
      const = 0;  // of this test alone: what carries them is removed at its end
  // Removes all of ours; what is left.
  virtual std::string clean_up() = 0;
};

// Defined once per program: on the fake, on Docker.
std::unique_ptr<EngineUnderTest> make_engine_under_test();

}  // namespace dyno::tests
