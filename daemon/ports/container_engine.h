// The seam to a container engine: images, hardened containers, networks, each by typed values only, so that nothing but what
// stands here can be asked of the engine. Implemented by docker/, faked in tests/fakes. Thread-safe: calls may overlap.
// Every call blocks until done, its own time limit, a stop request, or the deadline of end_calls_by(), and returns timed_out or
// cancelled for those.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <stop_token>
#include <string>
#include <variant>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "base/scratch_file.h"
#include "base/units.h"

namespace dyno::ports {

struct EngineDescription {
  std::string engine;       // "Docker 20.10.24+dfsg1"
  std::string api_version;  // negotiated
  std::string storage_driver;
  std::string cgroup_driver;
  std::string cgroup_version;  // "1" or "2", as the engine says
  std::string kernel;
  std::string operating_system;
  int cpus = 0;
  Bytes memory;
  bool user_namespaces = false;
  Nanos clock_ahead{};  // of the daemon's wall clock; by less than a second where both are of one machine
  std::optional<int>
      open_files_max;  // an engine of few rights gives no container more, whatever its spec says; absent: no limit known
};

struct ImageDescription {
  std::string id;  // sha256:…
  Bytes size;
  std::map<std::string, std::string> labels;
  std::vector<std::string> repo_digests;
  std::map<std::string, std::string> env{};
  std::vector<std::string> entrypoint{};
  std::vector<std::string> on_build{};  // instructions that act in every build from it
  std::vector<std::string> volumes{};   // folders that it declares as such
  std::vector<std::string> command{};   // its CMD
  std::string user{};                   // its USER; empty: root
  std::vector<int> ports{};             // that it EXPOSEs for TCP, in their order
};

// What became of an image's files in the page cache.
struct EvictionOutcome {
  Bytes size;      // of all its files
  Bytes resident;  // still cached afterwards, e.g. mapped by a process
};

// A build context, packed once: the bytes that were hashed are the bytes that are sent.
struct BuildContext {
  std::string dockerfile;       // relative to the folder
  std::string dockerfile_text;  // as it is in the bytes
  std::string hash;             // SHA-256 of the bytes
  ScratchFile bytes;            // as the engine takes them
};

struct BuildRequest {
  std::string tag;
  std::string target{};  // the stage to build; empty: the last one
  std::map<std::string, std::string> args;
  std::map<std::string, std::string> labels;
  bool network = false;  // package registries while building
  bool use_cache = true;
  Bytes memory = mib(8 * 1024);  // without swap, and never more than three quarters of the engine's
  Nanos timeout = std::chrono::minutes(20);
};

struct BuildOutcome {
  std::string image_id;
  Nanos duration{};
};

// A read-only file of the host inside the container: only the exec shim is ever given this way.
struct ReadOnlyFile {
  std::string host_path;
  std::string container_path;
};

// Memory mounted as a folder: noexec, nosuid, nodev; its content ends with the container.
struct MemoryFolder {
  std::string path;
  Bytes size;
  int mode = 01777;  // of root, so that a user known only to the image can make its own folder inside
};

struct JoinContainer {
  std::string container_id;
};  // shares that container's network namespace
struct JoinNetwork {
  std::string network_id;
  std::vector<std::string> aliases{};  // names by which the engine's resolver knows it there
};
using NetworkChoice = std::variant<JoinContainer, JoinNetwork>;

// A file that is copied into a container before its start: of root, 0644 or 0755.
struct CopiedFile {
  std::string path;  // absolute, inside the container; folders on the way are made
  std::string bytes;
  bool executable = false;
};

// Always, and not to be switched off: no capabilities, no new privileges, bounded log, no restart, no published port, memory of the
// size of `tmp` over every folder that the image declares a volume. The root is read-only unless `writable` is set.
struct ContainerSpec {
  std::string name;
  std::string image_id;
  std::vector<std::string> entrypoint;  // empty: the image's
  std::vector<std::string> command;
  // Not empty: the image's own entry point stays between `entrypoint` and `command`, unless it is one of these programs.
  std::vector<std::string> programs;
  std::map<std::string, std::string> env;
  std::map<std::string, std::string> labels;
  std::string user;               // never root
  bool is_user_of_image = false;  // instead of `user`: whoever the image says, root without capabilities too
  bool writable = false;          // the root file system
  std::string cpuset;             // "1" or "0-1"
  Bytes memory;                   // swap is set to the same
  int pids = 256;
  int open_files = 65535;  // or the engine's open_files_max, if that is less
  Bytes tmp;               // /tmp: noexec, nosuid, nodev
  std::vector<MemoryFolder> folders;
  Bytes shared_memory = mib(16);  // /dev/shm
  std::string stop_signal = "SIGTERM";
  NetworkChoice network;
  std::map<std::string, std::string>
      hosts{};  // names and addresses for /etc/hosts; whoever joins its network has the same
  std::vector<ReadOnlyFile> files;
};

struct ContainerStatus {
  std::string state;     // created, running, exited, dead …
  std::int64_t pid = 0;  // 0 when not running
  int exit_code = 0;
  bool oom_killed = false;
  std::string error;    // the engine's reason, e.g. for a start that failed
  std::string address;  // on its first network; empty when it joined another container
};

// Whether it ended as an engine that stops ends a container: in good order because of a signal, or by SIGTERM or SIGKILL.
inline bool was_stopped(const ContainerStatus& status) {
  const bool has_code_of_stop = status.exit_code == 0 || status.exit_code == 143 || status.exit_code == 137;
  return status.state == "exited" && !status.oom_killed && has_code_of_stop;
}

// What the error of an engine call means to the caller; the one place that reads its code.
enum class EngineFault {
  gone,     // no engine answers
  stopped,  // the call was cancelled on request
  missing,  // what was named is not there
  refused,  // the engine does not do what was asked for
  failed    // it met an error of its own or of the system below it, or did not end in time
};
inline EngineFault fault_of(const Error& error) {
  switch (error.code) {
    case ErrorCode::unavailable: return EngineFault::gone;
    case ErrorCode::cancelled: return EngineFault::stopped;
    case ErrorCode::not_found: return EngineFault::missing;
    case ErrorCode::invalid_argument:
    case ErrorCode::conflict:
    case ErrorCode::unsupported: return EngineFault::refused;
    case ErrorCode::timed_out:
    case ErrorCode::io:
    case ErrorCode::protocol:
    case ErrorCode::exhausted:
    case ErrorCode::storage:
    case ErrorCode::internal: return EngineFault::failed;
  }
  return EngineFault::failed;
}

enum class ObjectKind { container, network, image };

struct OwnedObject {
  ObjectKind kind = ObjectKind::container;
  std::string id;
  std::string name;
  std::map<std::string, std::string> labels;
};

// A line that a container wrote, without its end.
struct LoggedLine {
  std::string_view text;  // at most its first 16 KiB
  WallTime at;            // when the engine read it; on the daemon's wall clock, as far as the two are known
};

struct StopOutcome {
  Nanos duration{};  // signal → exit seen
  bool forced = false;
  int exit_code = 0;
};

struct ExecOutcome {
  int exit_code = 0;
  std::string output;  // the last of stdout and stderr together
};

// A line that a build told, and the step of the Dockerfile that it belongs to: "Step 5/9 : RUN make"; empty before the first.
struct BuildLine {
  std::string_view text;
  std::string_view step;
};
using BuildLog = std::function<void(const BuildLine& line)>;

class ContainerEngine {
 public:
  virtual ~ContainerEngine() = default;

  // From now on no call outlives `deadline`: then those under way return cancelled (within a second), and later ones at once. It
  // bounds what a stop or a cancel may cost, whatever the engine does. MonotonicTime::max(): no deadline. Returns at once.
  virtual void end_calls_by(MonotonicTime deadline) = 0;

  virtual Result<EngineDescription> describe() = 0;
  virtual Result<ImageDescription> inspect_image(const std::string& name_or_id) = 0;  // not_found when absent
  // The files of a folder (absolute) as they are now, ready to be sent. The same files give the same hash, whatever their times
  // and owners. invalid_argument: what cannot be sent, a link that leaves the folder say; exhausted: too large.
  virtual Result<BuildContext> pack_context(const std::string& folder, const std::string& dockerfile,
                                            std::stop_token stop) = 0;
  // Fetches an image from its registry; not_found: there is none of that name, or no registry answers. The words are the engine's.
  virtual Status pull_image(const std::string& name, const BuildLog& log, std::stop_token stop) = 0;
  // Success is an image id in a cleanly ended stream without an error; the error carries the failed step and its last lines.
  // `log` gets every line as it comes, on the calling thread.
  virtual Result<BuildOutcome> build_image(const BuildContext& context, const BuildRequest& request,
                                           const BuildLog& log, std::stop_token stop) = 0;
  // An image of one file (a static program), its entry point; returns the image id.
  virtual Result<std::string> import_program(const std::string& program_path, const std::string& tag,
                                             const std::map<std::string, std::string>& labels) = 0;
  // Drops the image's files from the host's page cache and leaves the rest of it alone; unsupported where the engine's files are
  // out of reach: another host, another store than overlay2, too few rights.
  virtual Result<EvictionOutcome> evict_image(const std::string& name_or_id) = 0;
  virtual Status remove_image(const std::string& name_or_id) = 0;  // not there: success

  virtual Result<std::string> create_network(const std::string& name,
                                             const std::map<std::string, std::string>& labels) = 0;  // internal; id
  virtual Status remove_network(const std::string& id) = 0;  // not there: success

  virtual Result<std::string> create_container(const ContainerSpec& spec) = 0;  // id
  // Into a container that was created and not started, whose root is writable.
  virtual Status copy_into(const std::string& id, const std::vector<CopiedFile>& files) = 0;
  virtual Status start_container(const std::string& id) = 0;
  virtual Result<ContainerStatus> inspect_container(const std::string& id) = 0;
  // Sends the stop signal, after `grace` a SIGKILL, and waits for the exit.
  virtual Result<StopOutcome> stop_container(const std::string& id, Nanos grace) = 0;
  virtual Status remove_container(const std::string& id) = 0;  // forced, with anonymous volumes; not there: success
  // The last `limit` bytes of stdout and stderr together, in the engine's order.
  virtual Result<std::string> container_log(const std::string& id, Bytes limit) = 0;
  // Follows both from the container's start until `on_line` returns false or the container has ended; timed_out when neither has happened
  // in time. Lines come on the calling thread, each once.
  virtual Status follow_log(const std::string& id, const std::function<bool(const LoggedLine&)>& on_line, Nanos timeout,
                            std::stop_token stop) = 0;
  // How many bytes of both it still has that came since then. It keeps the last 2 MB at least, as written to its disk: where this is
  // about as much, more may have come.
  virtual Result<Bytes> logged_since(const std::string& id, WallTime since) = 0;
  // Runs a command inside a running container, as its user and with its environment, and waits for its end; conflict when the
  // container does not run. After a time-out or a stop the command may live on, until its container is removed.
  virtual Result<ExecOutcome> exec(const std::string& id, const std::vector<std::string>& command, Nanos timeout,
                                   std::stop_token stop) = 0;

  // Every object that carries label=value, stopped containers included.
  virtual Result<std::vector<OwnedObject>> list_labelled(const std::string& label, const std::string& value) = 0;
};

}  // namespace dyno::ports
