#include "contract/container_engine_contract.h"
#include "docker/docker_world.h"

namespace dyno::tests {
namespace {

class OnDocker final : public EngineUnderTest {
 public:
  const std::string& why_not() const override { return world_.why_not(); }
  ports::ContainerEngine& engine() override { return world_.engine(); }
  std::string program_path() override { return built_program("docker_test_program"); }
  std::string unique(const std::string& word) override { return world_.unique(word); }
  std::map<std::string, std::string> labels() const override { return world_.labels(); }
  std::string clean_up() override { return world_.clean_up(); }

 private:
  DockerWorld world_;
};

}  // namespace

std::unique_ptr<EngineUnderTest> make_engine_under_test() { return std::make_unique<OnDocker>(); }

}  // namespace dyno::tests
