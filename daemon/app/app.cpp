#include "app/app.h"

#include <utility>

#include "app/boot.h"

namespace dyno::app {

App::App(std::unique_ptr<Boot> boot) : boot_(std::move(boot)) {}

App::~App() = default;

Result<std::unique_ptr<App>> App::start(const Config& config) {
  auto lock = DataLock::take(config.data_dir);
  if (!lock) return fail(std::move(lock.error()));
  auto host = host::LocalHost::open(config.engine_socket, config.runner_dir);
  if (!host) return fail(std::move(host.error()));
  auto database = store::Database::open(config.data_dir + "/stackdyno.db");
  if (!database) return fail(std::move(database.error()));
  auto boot = std::make_unique<Boot>(config, std::move(*lock), std::move(*host), std::move(*database));
  if (auto begun = boot->begin(); !begun) return fail(std::move(begun.error()));
  return std::unique_ptr<App>(new App(std::move(boot)));
}

}  // namespace dyno::app
