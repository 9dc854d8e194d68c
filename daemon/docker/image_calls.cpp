#include "docker/image_calls.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>

#include "base/quantity.h"
#include "docker/context_archive.h"
#include "docker/docker_client.h"
#include "docker/engine_api.h"
#include "docker/streams.h"

namespace dyno::docker {
namespace {

constexpr Nanos kNoProgressLimit = std::chrono::minutes(5);
constexpr Nanos kPullTimeout = std::chrono::minutes(30);
constexpr Nanos kImportTimeout = std::chrono::seconds(60);

// What a build's own commands may use: they run as root, with the network where the stack asks for it. The engine takes no limit of
// processes here; each costs memory, which is limited.
std::string limits_of(const ports::BuildRequest& request, const ports::EngineDescription& machine) {
  constexpr std::int64_t kPeriod = 100'000;
  const std::int64_t most = machine.memory.value / 4 * 3;
  const std::int64_t memory = most > 0 ? std::min(request.memory.value, most) : request.memory.value;
  std::string limits = fmt::format("&memory={0}&memswap={0}", memory);  // no swap
  if (machine.cpus > 0)
    limits += fmt::format("&cpuperiod={}&cpuquota={}", kPeriod, machine.cpus * kPeriod - kPeriod / 4);
  return limits;
}

std::string build_path(const ports::BuildContext& context, const ports::BuildRequest& request) {
  std::string path =
      fmt::format("/build?dockerfile={}&t={}&rm=1&forcerm=1&networkmode={}", url_encode(context.dockerfile),
                  url_encode(request.tag), request.network ? "default" : "none");
  if (!request.target.empty()) path += "&target=" + url_encode(request.target);
  if (!request.use_cache) path += "&nocache=1";
  if (!request.args.empty()) path += "&buildargs=" + url_encode(string_map(request.args));
  if (!request.labels.empty()) path += "&labels=" + url_encode(string_map(request.labels));
  return path;
}

// An instruction of a Dockerfile: names and values in double quotes, as its own parser reads them.
std::string label_change(const std::string& name, const std::string& value) {
  const auto quoted = [](const std::string& text) {
    const std::string list = string_list({text});  // ["text"]
    std::string word;
    for (const char c : list.substr(1, list.size() - 2)) {
      if (c == '$') word += '\\';  // else a variable
      word += c;
    }
    return word;
  };
  return "&changes=" + url_encode("LABEL " + quoted(name) + "=" + quoted(value));
}

Error broken_build(const BuildStream& stream, const Error& error, bool over_total, const ports::BuildRequest& request) {
  if (error.code == ErrorCode::cancelled) return {ErrorCode::cancelled, "the build was cancelled"};
  if (!stream.problem().empty()) return stream.failure(stream.code_of_problem(), stream.problem());
  if (error.code != ErrorCode::timed_out) return stream.failure(error.code, error.message);
  return stream.failure(ErrorCode::timed_out,
                        over_total ? fmt::format("took longer than {}", format_duration(request.timeout))
                                   : fmt::format("no progress for {}", format_duration(kNoProgressLimit)));
}

}  // namespace

Result<ports::BuildOutcome> build(DockerClient& client, Clock& clock, const Build& wanted, std::stop_token stop) {
  const ports::BuildRequest& request = wanted.request;
  BuildStream stream(wanted.log);
  HttpRequest call;
  call.method = "POST";
  call.path = build_path(wanted.context, request) + limits_of(request, wanted.machine);
  call.content_type = "application/x-tar";
  call.body_file = &wanted.context.bytes;
  call.timeout = request.timeout;
  call.stall_timeout = kNoProgressLimit;
  call.on_body = [&stream](std::string_view chunk) { return stream.feed(chunk); };
  call.stop = std::move(stop);
  const MonotonicTime begin = clock.now();
  const CallResult result = client.call(call, Repeat::when_refused);
  const Nanos duration = clock.now() - begin;
  if (!result) return fail(broken_build(stream, result.error().error, duration >= request.timeout, request));
  if (result->status != 200) return fail(answer_error(*result));
  auto image_id = stream.finish();
  if (!image_id) return fail(image_id.error());
  return ports::BuildOutcome{std::move(*image_id), duration};
}

// A digest takes the tag's place: with both, the digest decides.
Status pull(DockerClient& client, const std::string& name, const ports::BuildLog& log, std::stop_token stop) {
  const std::size_t at = name.find('@');
  std::string repository = name.substr(0, at);
  std::string tag = at == std::string::npos ? "latest" : name.substr(at + 1);
  const std::size_t colon = repository.rfind(':');
  if (colon != std::string::npos && repository.find('/', colon) == std::string::npos) {
    if (at == std::string::npos) tag = repository.substr(colon + 1);
    repository.resize(colon);
  }
  PullStream stream(log);
  HttpRequest call;
  call.method = "POST";
  call.path = fmt::format("/images/create?fromImage={}&tag={}", url_encode(repository), url_encode(tag));
  call.timeout = kPullTimeout;
  call.stall_timeout = kNoProgressLimit;
  call.on_body = [&stream](std::string_view chunk) { return stream.feed(chunk); };
  call.stop = std::move(stop);
  const auto body = good_body(client.call(call, Repeat::when_refused));
  if (const std::string problem = stream.problem(); !problem.empty()) return fail(ErrorCode::not_found, problem);
  if (!body && body.error().code == ErrorCode::io) return fail(ErrorCode::not_found, body.error().message);
  if (!body) return fail(body.error());
  return {};
}

Result<std::string> import(DockerClient& client, const std::string& program_path, const std::string& tag,
                           const std::map<std::string, std::string>& labels) {
  const auto archive = archive_program(program_path);
  if (!archive) return fail(archive.error());
  const std::size_t colon = tag.rfind(':');
  const bool has_version = colon != std::string::npos && tag.find('/', colon) == std::string::npos;
  const std::string program = "/" + program_path.substr(program_path.rfind('/') + 1);
  HttpRequest call;
  call.method = "POST";
  call.path = fmt::format(
      "/images/create?fromSrc=-&repo={}&tag={}&changes={}", url_encode(tag.substr(0, has_version ? colon : tag.size())),
      url_encode(has_version ? tag.substr(colon + 1) : "latest"), url_encode("ENTRYPOINT " + string_list({program})));
  for (const auto& [name, value] : labels) call.path += label_change(name, value);
  call.content_type = "application/x-tar";
  call.body = *archive;
  call.timeout = kImportTimeout;
  const auto body = good_body(client.call(call, Repeat::when_harmless));
  if (!body) return fail(body.error());
  BuildStream stream;
  stream.feed(*body);
  return stream.finish();
}

}  // namespace dyno::docker
