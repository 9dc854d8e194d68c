#include "cli/pieces.h"

#include <fmt/format.h>

#include <filesystem>
#include <system_error>

#include "archive/folder.h"
#include "base/encoding.h"
#include "base/quantity.h"
#include "cli/wire.h"

namespace dyno::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kPieceBytes = std::size_t{512} << 10U;
constexpr int kOk = 200;
constexpr int kCreated = 201;
constexpr int kNoContent = 204;

}  // namespace

PieceUpload::~PieceUpload() {
  if (!id_.empty()) static_cast<void>(ask("DELETE", "/" + id_));
}

Outcome<std::string> PieceUpload::ask(const std::string& method, const std::string& rest, std::string body) {
  HttpRequest request;
  request.method = method;
  request.target = place_ + rest;
  if (!body.empty()) request.headers = {{"Content-Type", "application/octet-stream"}};
  request.body = std::move(body);
  auto answer = session_.client.send(request);
  if (!answer) return tl::unexpected<Failure>(answer.error());
  if (answer->status != kOk && answer->status != kCreated && answer->status != kNoContent)
    return tl::unexpected<Failure>(failure_of(*answer));
  return std::move(answer->body);
}

Outcome<Exit> PieceUpload::begin() {
  const auto begun = ask("POST", "");
  if (!begun) return tl::unexpected<Failure>(begun.error());
  auto id = wire::read_upload(*begun);
  if (!id) return tl::unexpected<Failure>(id.error());
  id_ = std::move(*id);
  return Exit::ok;
}

Outcome<Exit> PieceUpload::send() {
  const std::size_t size = piece_.size();
  const auto sent = ask("PUT", fmt::format("/{}?offset={}", id_, offset_), std::move(piece_));
  piece_.clear();
  if (!sent) return tl::unexpected<Failure>(sent.error());
  offset_ += size;
  return Exit::ok;
}

Outcome<Exit> PieceUpload::add(std::string_view bytes) {
  while (!bytes.empty()) {
    const std::string_view part = bytes.substr(0, kPieceBytes - piece_.size());
    piece_ += part;
    bytes.remove_prefix(part.size());
    if (piece_.size() < kPieceBytes) continue;
    if (auto sent = send(); !sent) return sent;
  }
  return Exit::ok;
}

Outcome<std::string> PieceUpload::finish(const std::string& query) {
  if (!piece_.empty()) {
    if (auto sent = send(); !sent) return tl::unexpected<Failure>(sent.error());
  }
  auto made = ask("POST", "/" + id_ + "/finish" + query);
  if (made) id_.clear();
  return made;
}

std::vector<std::string> kept_of_folder() {
  return {"stackdyno.yaml", "stack.yaml", "Dockerfile", "services/", std::string(archive::kIgnoreFile)};
}

Outcome<std::string> upload_folder(Session& session, const std::string& folder, const std::string& name,
                                   const std::string& shown) {
  std::error_code error;
  if (!fs::is_directory(folder, error)) return fail_with(Exit::not_found, fmt::format("{} is not a folder", folder));
  const bool has_file =
      fs::exists(fs::path(folder) / "stackdyno.yaml", error) || fs::exists(fs::path(folder) / "stack.yaml", error);
  if (!has_file)
    return fail_with(Exit::not_found, fmt::format("{0} has no stackdyno.yaml: write one by `dyno init {0}`", folder));
  PieceUpload upload(session, "/api/v1/folders");
  if (auto begun = upload.begin(); !begun) return tl::unexpected<Failure>(begun.error());
  Outcome<Exit> sent = Exit::ok;
  const Status packed = archive::pack_folder(folder, kept_of_folder(), [&](std::string_view bytes) -> Status {
    sent = upload.add(bytes);
    return sent ? Status() : fail(ErrorCode::unavailable, sent.error().message);
  });
  if (!sent) return tl::unexpected<Failure>(sent.error());
  if (!packed) return fail_with(Exit::failure, fmt::format("sending {}: {}", folder, packed.error().message));
  const auto body = upload.finish(name.empty() ? "" : "?name=" + percent_encoded(name));
  if (!body) return tl::unexpected<Failure>(body.error());
  auto kept = wire::read_name(*body);
  if (kept)
    print_note(session, fmt::format("sent {} as {} ({})\n", shown.empty() ? folder : shown, *kept,
                                    format_bytes(Bytes{static_cast<std::int64_t>(upload.sent())})));
  return kept;
}

}  // namespace dyno::cli
