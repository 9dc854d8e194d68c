// The daemon's configuration: read once at start, strictly, with every problem at its line. Plain values.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/units.h"
#include "model/resume.h"
#include "stackfile/files.h"

namespace dyno::app {

struct Config {
  std::string listen_host = "127.0.0.1";
  int listen_port = 8080;
  std::string data_dir;
  std::vector<std::string> stacks_dirs;
  std::string profiles_dir;
  std::string schedules_dir;  // empty: no schedules
  std::string services_dir;   // empty: no services, such as a database
  std::string web_dir;        // empty: no dashboard
  std::string engine_socket = "/var/run/docker.sock";
  std::string runner_dir;  // holds dyno-load and dyno-exec
  std::string log_level = "info";
  model::ResumeRule resume;
  Nanos engine_wait = std::chrono::minutes(30);
  std::optional<Bytes> disk_floor;                   // no run begins or goes on with less free space (app/room)
  Nanos series_kept = std::chrono::hours(24 * 30);   // samples and seconds; zero: for ever
  Nanos uploads_kept = std::chrono::hours(24 * 30);  // folders that came over REST; zero: for ever
  Bytes images_budget = mib(20 * 1024);              // of the stacks' images; zero: no limit
};

// Relative paths are taken from the folder of the file.
stackfile::Parsed<Config> parse_config(std::string_view text, const std::string& file);

}  // namespace dyno::app
