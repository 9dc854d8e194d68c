// Another program, run with its output kept. For tests.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <string>
#include <vector>

namespace dyno::cli {

struct Ended {
  int exit_code = -1;  // -N: ended by signal N
  std::string out;
  std::string err;
};

class Program {
 public:
  // Starts at once; STACKDYNO_SERVER is `server` when that is not empty.
  Program(const std::string& path, const std::vector<std::string>& arguments, const std::string& server = {});
  ~Program();
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;

  void signal(int number) const;
  pid_t pid() const { return pid_; }
  Ended wait();
  // Killed when it takes longer: its exit code is then -9.
  Ended wait_at_most(std::chrono::milliseconds limit);

 private:
  std::string folder_;
  pid_t pid_ = -1;
};

}  // namespace dyno::cli
