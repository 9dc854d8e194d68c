// A stack: one server program in one container, as its stack.yaml describes it. Values only; read by `stackfile`.
// Field by field the keys of stack.yaml; no field can ask for a host path, a capability or a network.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/units.h"
#include "model/enum_text.h"
#include "model/objective.h"
#include "model/own_workload.h"

namespace dyno::model {

enum class Runtime { node, go, python, cpp, other };
template <>
struct EnumNames<Runtime> {
  static constexpr std::array<std::string_view, 5> names{"node", "go", "python", "cpp", "other"};
};

enum class StackClass { production, tuned };
template <>
struct EnumNames<StackClass> {
  static constexpr std::array<std::string_view, 2> names{"production", "tuned"};
};

// stackdyno: it answers the requests of stacks/CONTRACT.md. own: it brings its own, and whatever server it is.
enum class ContractKind { stackdyno, own };
template <>
struct EnumNames<ContractKind> {
  static constexpr std::array<std::string_view, 2> names{"stackdyno", "own"};
};

enum class Mode { single, scaled };
template <>
struct EnumNames<Mode> {
  static constexpr std::array<std::string_view, 2> names{"single", "scaled"};
};

enum class BuildNetwork { none, packages };
template <>
struct EnumNames<BuildNetwork> {
  static constexpr std::array<std::string_view, 2> names{"none", "packages"};
};

// One FROM of the Dockerfile: a build argument, the official image, and the local image that may stand in for it.
struct BaseImage {
  std::string arg;
  std::string image;
  std::string stand_in;
};

struct StackBuild {
  std::string context = ".";
  std::string dockerfile = "Dockerfile";
  std::vector<BaseImage> base;
  std::map<std::string, std::string> args;
  BuildNetwork network = BuildNetwork::none;
  Nanos timeout = std::chrono::minutes(20);
  std::string target{};  // the stage to build; empty: the last one; contract own and services only
};

inline constexpr int kUserOfImage = -1;

// Memory mounted as a folder.
struct TmpFolder {
  std::string path;
  Bytes size;
};

struct StackRun {
  std::vector<std::string> command;  // exec form; dyno-exec is put before it; empty: ENTRYPOINT and CMD of the image
  std::vector<std::string> command_scaled;  // empty: the stack offers no scaled mode
  int port = 8080;                          // 0: the only one that the image EXPOSEs; contract own only
  int user = 65532;                         // kUserOfImage: as the image says, root too
  std::map<std::string, std::string> env;
  std::string stop_signal = "SIGTERM";
  Nanos stop_grace = std::chrono::seconds(10);
  bool writable = false;             // the root file system; contract own only
  std::vector<TmpFolder> folders{};  // besides /tmp; contract own only
};

// http: a GET of `path` is answered 2xx. tcp: the port takes a connection. log: a line of its output matches `pattern`.
enum class ReadyBy { http, tcp, log };
template <>
struct EnumNames<ReadyBy> {
  static constexpr std::array<std::string_view, 3> names{"http", "tcp", "log"};
};

struct Readiness {
  ReadyBy by = ReadyBy::http;
  std::string path = "/health";
  std::string pattern{};  // found anywhere in the line
  std::string deep_path;  // empty: no second start-up figure
  Nanos timeout = std::chrono::seconds(60);
};

struct Limits {
  Bytes memory = mib(1024);
  int pids = 256;
  int open_files = 65535;
  Bytes tmp = mib(64);
};

struct ServiceNeed {
  bool required = true;
};

// Shown and searched, never acted upon.
struct StackMetadata {
  std::string async_model, type_system, json, validation, driver, template_engine, realtime, homepage, licence, notes;
};

// A case of its own from the stack's folder: what differs from the stack. Empty: as the stack has it.
struct StackVariant {
  std::string name;  // the stack's, then @ for a version or + for a way: node-fastify@node-24, go-nethttp+pq
  std::string title;
  std::string runtime_version;
  std::string version;
  std::optional<StackClass> stack_class;
  std::vector<BaseImage> base;              // each in place of the stack's of the same arg
  std::map<std::string, std::string> args;  // added to the stack's, or in their place
  std::map<std::string, std::string> env;   // the same
  std::string driver;
  std::string notes;
};

struct Stack {
  std::string name;
  std::string title;
  Runtime runtime = Runtime::other;
  std::string runtime_version;
  std::string language;
  std::string framework;
  std::string version;
  StackClass stack_class = StackClass::production;
  Mode default_mode = Mode::single;
  std::vector<Mode> offered_modes;
  ContractKind contract = ContractKind::stackdyno;
  StackBuild build;
  std::string image{};  // taken as it is instead of a build: name[:tag][@sha256:…]; contract own only
  StackRun run;
  Readiness readiness;
  Limits limits;
  std::map<std::string, ServiceNeed> services;
  std::vector<std::string> workloads;        // names
  std::vector<OwnWorkload> own_workloads{};  // contract own: what those names mean, in the same order
  StackMetadata metadata;
  std::vector<StackVariant> variants;
  std::vector<Objective> objectives{};  // contract own

  std::string variant_of;  // the stack's name where this is one of its variants; empty: it is none
  std::string folder;      // where it was read from; absolute
  std::string hash;        // "sha256:…" over every file of the folder
};

inline bool is_own(const Stack& stack) { return stack.contract == ContractKind::own; }

// What its container may do that a hardened one may not, in words; empty: it is hardened. No stack has capabilities.
inline std::string why_not_hardened(const Stack& stack) {
  std::string words;
  if (stack.run.writable) words += "its root file system is writable";
  if (stack.run.user == kUserOfImage) words += std::string(words.empty() ? "" : "; ") + "it runs as the image's user";
  return words;
}

}  // namespace dyno::model
