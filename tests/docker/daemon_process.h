// A dynod of the test's own: temporary folder, free port, real engine. Ends with the object, or with the test's process, by
// SIGTERM. Not thread-safe.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

namespace dyno::test {

struct CommandOutcome {
  int exit_code = 0;
  std::string out;
};

class DaemonProcess {
 public:
  // Serves copies of the named stacks: those of the repository, or those of tests/data/stacks. `engine`: the socket of another engine
  // than the machine's.
  explicit DaemonProcess(const std::vector<std::string>& stacks, const std::string& engine = {});
  ~DaemonProcess();
  DaemonProcess(const DaemonProcess&) = delete;
  DaemonProcess& operator=(const DaemonProcess&) = delete;

  bool start();          // and waits until it answers
  int stop(int signal);  // waits for the end; the exit code, or minus the signal that ended it
  CommandOutcome dyno(const std::string& arguments) const;  // runs the CLI against it; stdout only
  std::string get(const std::string& path) const;           // body of GET below /api/v1
  pid_t pid() const { return pid_; }
  int port() const { return port_; }
  const std::string& folder() const { return folder_; }  // holds stacks/ and data/
  std::string log() const;

 private:
  std::string folder_;
  int port_ = 0;
  pid_t pid_ = -1;
};

}  // namespace dyno::test
