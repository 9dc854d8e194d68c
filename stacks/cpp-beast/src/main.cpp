#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <thread>
#include <vector>

#include "environment.h"
#include "hub.h"
#include "worker.h"

namespace {

Settings read_settings() {
  Settings settings;
  settings.port = environment_int("PORT", 8080);
  settings.threads = environment_int("BENCH_CPUS", 1);
  const char* url = std::getenv("DATABASE_URL");
  settings.database_url = url != nullptr ? url : "";
  // The number given is for the whole stack.
  settings.database_connections = std::max(1, environment_int("BENCH_DB_CONNECTIONS", 20) / settings.threads);
  return settings;
}

// Blocked before the first thread exists, so that only the one that waits for them gets them.
sigset_t block_stops() {
  sigset_t stops;
  sigemptyset(&stops);
  sigaddset(&stops, SIGTERM);
  sigaddset(&stops, SIGINT);
  pthread_sigmask(SIG_BLOCK, &stops, nullptr);
  return stops;
}

void run(const Settings& settings) {
  const sigset_t stops = block_stops();
  Hub hub;
  asio::thread_pool offload(static_cast<std::size_t>(settings.threads));
  std::vector<std::unique_ptr<Worker>> workers;
  for (int i = 0; i < settings.threads; ++i) workers.push_back(std::make_unique<Worker>(settings, hub, offload));
  std::vector<std::jthread> threads;
  for (const auto& worker : workers) threads.emplace_back([&worker] { worker->run(); });

  int signal = 0;
  sigwait(&stops, &signal);
  hub.close();
  for (const auto& worker : workers) worker->stop();
  threads.clear();
  offload.stop();
}

}  // namespace

int main() {
  try {
    run(read_settings());
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "server: %s\n", error.what());
    return 1;
  }
}
