// The answers of a small Docker engine, as text: containers that are created, started, killed, waited for and removed. Knows no
// socket. Thread-safe.
#pragma once

#include <condition_variable>
#include <mutex>
#include <stop_token>
#include <string>
#include <vector>

namespace dyno::fakes {

struct WireRequest {
  std::string method;
  std::string path;  // without version and query
  std::string query;
  std::string version;  // "1.41"; empty: none was given
  std::string body;
};

struct WireAnswer {
  int status = 200;
  std::string body;
  std::string content_type = "application/json";
};

struct WireContainer {
  std::string id;
  std::string name;
  std::string create_body;
  std::string state = "created";
  int exit_code = 0;
  std::string log;  // framed
};

class FakeDockerWorld {
 public:
  WireAnswer answer(const WireRequest& request);
  // Blocks a wait until the container has ended.
  WireAnswer await_exit(const WireRequest& request, std::stop_token stop);

  void set_window(std::string newest, std::string oldest);
  std::string newest() const;
  std::vector<WireContainer> containers() const;
  void set_log(const std::string& framed);  // of all containers
  void set_build(std::string stream);       // what a build answers

 private:
  WireAnswer container_answer(const WireRequest& request);  // under mutex_
  WireAnswer create(const WireRequest& request);            // under mutex_
  WireContainer* find(const std::string& id);               // under mutex_

  // guarded by mutex_
  mutable std::mutex mutex_;
  std::condition_variable_any changed_;
  std::string newest_ = "1.41";
  std::string oldest_ = "1.12";
  std::vector<WireContainer> containers_;
  std::string log_;
  std::string build_;
  int ids_ = 0;
};

}  // namespace dyno::fakes
