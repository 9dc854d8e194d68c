// A service that a run gives to its apps, a database say, as its service.yaml describes it. Values only; read by `stackfile`.
// Nothing in the daemon knows a service by its name.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/units.h"
#include "model/enum_text.h"
#include "model/stack.h"

namespace dyno::model {

// Run inside the service's container; exit code 0 is success.
struct ServiceCommand {
  std::vector<std::string> command;
  Nanos timeout = std::chrono::seconds(30);
};

// What is done inside the container while stacks are verified, where they cannot see it; what each does and prints stands in
// daemon/docs/services.md. Arguments come behind the command.
struct ServiceVerification {
  ServiceCommand watch;    // forget the statements counted so far
  ServiceCommand audit;    // print those counted since, and the connections held
  ServiceCommand change;   // rows, to what the arguments say
  ServiceCommand read;     // print the rows that the arguments name
  ServiceCommand restore;  // rows as at the beginning, without ending a session
  ServiceCommand fail;     // end all sessions and accept none
  ServiceCommand stall;    // let sessions hang and accept none
  ServiceCommand recover;  // after either
};

struct ServiceRun {
  std::vector<std::string> command;  // arguments of the image's entry point
  std::string user;                  // of the image, never root; empty: as the image says, root too
  std::map<std::string, std::string> env;
  std::vector<std::string> secrets;  // environment with a value drawn anew for each run
  bool writable = false;             // the root file system; always with files
};

// A file of the service's folder that is copied into its container before the start: read-only, executable where it is so there.
struct ServiceFile {
  std::string from;  // inside the folder
  std::string to;    // absolute, inside the container
};

// How it is brought back to its beginning before each trial. restart: a new container.
enum class ResetBy { command, restart, none };
template <>
struct EnumNames<ResetBy> {
  static constexpr std::array<std::string_view, 3> names{"command", "restart", "none"};
};

// In `run.env` {users}, {connections} and {variant} stand for the profile's values; in `app_env` also {address}, the service's address on
// the run's network, and each secret by its name.
struct Service {
  std::string name;
  std::string title;
  StackBuild build;
  ServiceRun run;
  Limits limits;
  Bytes shared_memory = mib(16);
  std::vector<TmpFolder> folders;
  ServiceCommand ready;  // repeated until it succeeds or its time is up; no command: see ready_port
  ServiceCommand reset;  // before each trial: as at the beginning; of reset_by command
  std::optional<ServiceVerification> verification;
  std::map<std::string, std::string> app_env;  // what an app that asks for the service is told
  std::vector<std::string> variants;           // that a profile's database may ask for
  std::vector<std::int64_t> users;  // how many of them a profile's database may ask for; empty: it holds none
  std::vector<std::string>
      workloads;  // names of those that need it: without any of them in a run it is not started; empty: all do

  std::string folder;  // where it was read from; absolute
  std::string hash;    // "sha256:…" over every file of the folder

  std::string image{};  // taken as it is instead of a build: name[:tag][@sha256:…]
  std::vector<ServiceFile> files{};
  int ready_port = 0;        // above 0: ready when it takes connections there …
  std::string ready_path{};  // … or answers a GET of this path with 2xx
  ResetBy reset_by = ResetBy::command;
};

// What it is called on the run's network. The name of one from a stack's own folder begins with the stack's: "orders.redis".
inline std::string host_name(const Service& service) { return service.name.substr(service.name.rfind('.') + 1); }

// Whether the stack's phases of that workload ask for it, where the stack does. One of somebody's own needs what it names.
inline bool is_needed(const Service& service, const Stack& stack, std::string_view workload) {
  const auto& by = service.workloads;
  return is_own(stack) || by.empty() || std::find(by.begin(), by.end(), workload) != by.end();
}

}  // namespace dyno::model
