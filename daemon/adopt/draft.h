// What `dyno init` is about to write: a stack of one's own and its services as far as they are known, and a remark for everything that is
// not, or that has no meaning here. Plain values, made by the readers of one kind of file each, written by write_draft.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace dyno::adopt {

// Something that was there and is not taken over, or that only its owner knows. Never dropped in silence.
struct Remark {
  std::string place{};    // "compose.yaml:12 services.api.privileged"
  std::string message{};  // what it means here, and what to do
};

using Words = std::vector<std::string>;
using Pairs = std::vector<std::pair<std::string, std::string>>;

struct DraftBuild {
  std::string context = ".";
  std::string dockerfile = "Dockerfile";
  std::string target{};
  Pairs args{};
};

struct DraftFolder {
  std::string path{};
  std::string size{};  // "64MiB"
};

// How a container is started, as far as it is known. Empty or absent: as the image has it.
struct DraftContainer {
  std::optional<DraftBuild> build{};
  std::string image{};
  Words command{};
  std::string user{};
  Pairs env{};
  std::optional<bool> writable{};
  std::vector<DraftFolder> tmpfs{};
  std::string memory{};
  std::string pids{};
  std::string open_files{};
  std::string shared_memory{};
  std::string stop_signal{};
  std::string stop_grace{};
};

struct DraftReadiness {
  std::string path{};     // of HTTP; empty with a port alone: TCP
  std::string timeout{};  // "60s"
  std::string because{};  // where it was found: "compose.yaml:9 healthcheck"
};

// A file that is copied into a service's folder, and from there into its container.
struct DraftFile {
  std::string source{};  // where it stands, relative to the folder that was looked at
  std::string name{};    // in the service's folder
  std::string to{};      // in the container
};

struct DraftService {
  std::string name{};
  DraftContainer container{};
  Words ready_command{};
  int ready_port = 0;
  std::vector<DraftFile> files{};
};

struct DraftRequest {
  std::string name{};
  std::string method = "GET";
  std::string path = "/";
  Pairs headers{};
  std::string body{};  // empty: none
  bool body_is_json = false;
  std::int64_t weight = 1;
  int status = 0;              // 0: any 2xx
  std::string content_type{};  // of the answer; empty: any
};

struct DraftWorkload {
  std::string name{};
  std::vector<DraftRequest> requests{};  // several are a mix
};

struct Draft {
  std::string name{};
  std::string title{};
  std::string runtime{};  // node, go, python, cpp or other
  std::string version{};
  DraftContainer container{};
  int port = 0;  // 0: not known
  std::string port_because{};
  std::optional<DraftReadiness> readiness{};
  std::vector<DraftService> services{};
  std::vector<DraftWorkload> workloads{};
  std::vector<Remark> remarks{};
};

// "Orders API" → "orders-api": 2 to 40 lower-case letters, digits and '-', beginning with a letter.
std::string name_from(std::string_view text);

}  // namespace dyno::adopt
