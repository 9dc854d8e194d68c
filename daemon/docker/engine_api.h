// Docker's JSON, and nothing else that is JSON: bodies made from typed values, answers turned into typed values. No JSON value
// leaves the source file. What the engine sends is never trusted: an answer of the wrong shape is a protocol error.
// Pure functions, thread-safe.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "ports/container_engine.h"

namespace dyno::docker {

using Labels = std::map<std::string, std::string>;

// On every container: a hash of the body it was made from, so that a create whose answer was lost can be recognised.
constexpr std::string_view kConfigLabel = "stackdyno.config";

// ---- made ----
// The one place where a create body comes from: hardening is always on, and nothing but the fields of the spec gets through.
// Refuses a spec without a memory limit, with user 0 (unless the image names it), with a file or folder that is not given by an absolute path, or with a
// memory folder without a size.
Result<std::string> container_body(const ports::ContainerSpec& spec);
// The spec with what the image itself asks for: memory over its volumes, which would be folders without a limit on the host's disk,
// and the entry point that it keeps. Refuses a volume that is not an absolute path.
Result<ports::ContainerSpec> fitted(ports::ContainerSpec spec, const ports::ImageDescription& image);
std::string config_hash(const ports::ContainerSpec& spec);
std::string exec_body(const std::vector<std::string>& command);
std::string network_body(const std::string& name, const Labels& labels);
std::string string_map(const Labels& values);                                  // {"a":"b"}
std::string label_filter(const std::string& label, const std::string& value);  // {"label":["a=b"]}
std::string name_filter(const std::string& name);                              // {"name":["^a$"]}
std::string string_list(const std::vector<std::string>& values);               // ["a","b"]

// ---- read ----
// The words of an error answer: {"message":…}, or text, or none.
std::string error_text(std::string_view body);

struct VersionAnswer {
  std::string engine;
  std::string newest;
  std::string oldest;
};
Result<VersionAnswer> decode_version(std::string_view body);
Result<ports::EngineDescription> decode_info(std::string_view body);  // all but `engine`, `api_version` and clock
// The engine's wall clock when it gave that answer, to the second; nothing: it does not say.
std::optional<WallTime> decode_system_time(std::string_view body);
Result<std::string> decode_id(std::string_view body);  // of a create
Result<ports::ImageDescription> decode_image(std::string_view body);
// The folders on the engine's host that hold the image's layers; unsupported for other storage drivers than overlay2.
Result<std::vector<std::string>> decode_image_folders(std::string_view body);

struct ContainerAnswer {
  std::string id;
  ports::ContainerStatus status;
  std::string stop_signal;
  Labels labels;
};
Result<ContainerAnswer> decode_container(std::string_view body);
Result<int> decode_wait(std::string_view body);                 // exit code
Result<std::optional<int>> decode_exec(std::string_view body);  // exit code; nothing while the command runs

Result<std::vector<ports::OwnedObject>> decode_containers(std::string_view body);
Result<std::vector<ports::OwnedObject>> decode_networks(std::string_view body);
Result<std::vector<ports::OwnedObject>> decode_images(std::string_view body);

// One document of a build or import stream.
struct StreamMessage {
  std::string stream;    // output
  std::string error;     // with the exit code of the failed command where there is one
  std::string image_id;  // aux.ID, or an import's status
  std::string status{};  // of a pull
};
Result<StreamMessage> decode_stream_message(std::string_view document);

}  // namespace dyno::docker
