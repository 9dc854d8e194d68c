// The API over a database in memory, with one run told by the journal and calls that note what they were asked. For tests.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "api/api.h"
#include "fakes/fake_clock.h"
#include "store/journal.h"

namespace dyno::api {

class ApiFixture : public testing::Test {
 protected:
  explicit ApiFixture(std::unique_ptr<store::Database> database = std::move(*store::Database::open_in_memory()));

  // Answers as the server would, the target taken apart.
  Response ask(const std::string& method, const std::string& target, Headers headers = {},
               const std::string& body = {});
  Response get(const std::string& target, Headers headers = {}) { return ask("GET", target, std::move(headers)); }
  // The body of a good answer that follows its schema; fails the test otherwise.
  nlohmann::json get_json(const std::string& target, const std::string& schema);
  // The body of a problem of that status.
  nlohmann::json problem_of_answer(const Response& answer, int status);
  nlohmann::json get_problem(const std::string& target, int status) { return problem_of_answer(get(target), status); }

  std::string queue_run();
  // A run with one trial, still under way; the trial's id is kTrial.
  std::string tell_run();
  void finish(const std::string& run_id);

  std::size_t ask_cancelled() {
    const std::lock_guard lock(mutex_);
    return cancelled_.size();
  }

  static constexpr auto kTrial = "019aa3c2-8000-7d0e-9b1c-000000000000";

  fakes::FakeClock clock_;
  std::unique_ptr<store::Database> database_;
  store::EventFeed feed_;
  store::Journal journal_{*database_, feed_};
  store::RunRepository repository_{*database_, feed_};
  store::Reader reader_{*database_};
  std::shared_ptr<CatalogView> catalog_ = std::make_shared<CatalogView>();
  std::vector<HealthCheck> checks_{{"database", true, "writable, schema 1"}, {"engine", true, "Docker 20.10"}};
  std::vector<run::QueueEntry> queue_;
  run::PresentBuild present_build_;
  std::optional<run::Refusal> refusal_;     // what the next starts are answered with
  std::vector<model::RunRequest> started_;  // read it once nobody asks any more
  int rescans_ = 0;

  // Guarded by mutex_: a server's workers write it while a test looks.
  std::mutex mutex_;
  std::vector<std::string> cancelled_;

  ApiContext context_;
  Api api_;
};

}  // namespace dyno::api
