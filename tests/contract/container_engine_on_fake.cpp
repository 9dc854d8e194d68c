#include "contract/container_engine_contract.h"
#include "fakes/fake_container_engine.h"

namespace dyno::tests {
namespace {

class OnFake final : public EngineUnderTest {
 public:
  OnFake() {
    engine_.on_started([this](const fakes::FakeContainer& started) { behave(started); });
    engine_.on_exec([](const fakes::FakeContainer&, const std::vector<std::string>& command) {
      if (command.at(1) == "say") return ports::ExecOutcome{3, command.at(2) + "\n" + command.at(3) + "\n"};
      return ports::ExecOutcome{std::stoi(command.at(2)), ""};
    });
  }
  const std::string& why_not() const override { return why_not_; }
  ports::ContainerEngine& engine() override { return engine_; }
  std::string program_path() override { return "/build/bin/docker_test_program"; }
  std::string unique(const std::string& word) override { return word + "-" + std::to_string(++names_); }
  std::map<std::string, std::string> labels() const override { return {{"stackdyno.instance", "test"}}; }

  std::string clean_up() override {
    for (const auto& container : engine_.containers()) static_cast<void>(engine_.remove_container(container.id));
    const auto objects = engine_.list_labelled("stackdyno.instance", "test");
    for (const auto& object : *objects) {
      static_cast<void>(object.kind == ports::ObjectKind::network ? engine_.remove_network(object.id)
                                                                  : engine_.remove_image(object.id));
    }
    return engine_.is_empty() ? "" : "something";
  }

 private:
  // As tests/docker/test_program.cpp does.
  void behave(const fakes::FakeContainer& started) {
    const auto& command = started.spec.command;
    if (command.front() == "exit") engine_.exit_container(started.id, std::stoi(command.at(1)));
    if (command.front() == "deaf") engine_.deaf_to_stop(started.spec.name);
    if (command.front() == "say") {
      engine_.set_log(started.spec.name, command.at(1) + "\n" + command.at(2) + "\n");
      engine_.exit_container(started.id, 3);
    }
  }

  const std::string why_not_;
  fakes::FakeContainerEngine engine_;
  int names_ = 0;
};

}  // namespace

std::unique_ptr<EngineUnderTest> make_engine_under_test() { return std::make_unique<OnFake>(); }

}  // namespace dyno::tests
