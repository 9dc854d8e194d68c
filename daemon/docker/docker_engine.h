// The ContainerEngine on the Docker Engine API (1.41 and newer) over a unix socket. Every verb has its time limit; creates and
// removals may be repeated after a broken connection, a start is looked at before anything is concluded. Thread-safe.
#pragma once

#include <atomic>

#include "base/clock.h"
#include "docker/docker_client.h"
#include "ports/container_engine.h"

namespace dyno::docker {

class DockerEngine final : public ports::ContainerEngine {
 public:
  DockerEngine(std::string socket_path, Clock& clock) : clock_(clock), client_(std::move(socket_path), clock) {}

  void end_calls_by(MonotonicTime deadline) override { client_.end_calls_by(deadline); }
  Result<ports::EngineDescription> describe() override;
  Result<ports::ImageDescription> inspect_image(const std::string& name_or_id) override;
  Result<ports::BuildContext> pack_context(const std::string& folder, const std::string& dockerfile,
                                           std::stop_token stop) override;
  Status pull_image(const std::string& name, const ports::BuildLog& log, std::stop_token stop) override;
  Result<ports::BuildOutcome> build_image(const ports::BuildContext& context, const ports::BuildRequest& request,
                                          const ports::BuildLog& log, std::stop_token stop) override;
  Result<std::string> import_program(const std::string& program_path, const std::string& tag,
                                     const std::map<std::string, std::string>& labels) override;
  Result<ports::EvictionOutcome> evict_image(const std::string& name_or_id) override;
  Status remove_image(const std::string& name_or_id) override;
  Result<std::string> create_network(const std::string& name,
                                     const std::map<std::string, std::string>& labels) override;
  Status remove_network(const std::string& id) override;
  // A container of this name that was made from the same spec and never started is adopted: its answer was lost.
  Result<std::string> create_container(const ports::ContainerSpec& asked) override;
  Status copy_into(const std::string& id, const std::vector<ports::CopiedFile>& files) override;
  // After an error the container is still there, with the reason in its status: remove it.
  Status start_container(const std::string& id) override;
  Result<ports::ContainerStatus> inspect_container(const std::string& id) override;
  Result<ports::StopOutcome> stop_container(const std::string& id, Nanos grace) override;
  Status remove_container(const std::string& id) override;
  Result<std::string> container_log(const std::string& id, Bytes limit) override;
  Status follow_log(const std::string& id, const std::function<bool(const ports::LoggedLine&)>& on_line, Nanos timeout,
                    std::stop_token stop) override;
  Result<Bytes> logged_since(const std::string& id, WallTime since) override;
  Result<ports::ExecOutcome> exec(const std::string& id, const std::vector<std::string>& command, Nanos timeout,
                                  std::stop_token stop) override;
  Result<std::vector<ports::OwnedObject>> list_labelled(const std::string& label, const std::string& value) override;

 private:
  Result<std::string> get(const std::string& path, Nanos timeout);
  Status remove(const std::string& path, Nanos timeout);
  Result<std::string> adopt_container(const ports::ContainerSpec& spec, const Error& taken);
  Result<std::string> adopt_network(const std::string& name, const std::map<std::string, std::string>& labels,
                                    const Error& taken);
  Result<int> await_exit_code(const std::string& exec_path);
  Status await_removal(const std::string& id);

  Clock& clock_;
  DockerClient client_;
  std::atomic<Nanos> clock_ahead_ = Nanos{};  // of the engine, as it was described last
};

}  // namespace dyno::docker
