#include <fmt/format.h>

#include <fstream>
#include <memory>

#include "api/answers.h"
#include "api/handlers.h"
#include "api/parameters.h"
#include "api/wire.h"

namespace dyno::api {

Response prune(const ApiContext& context, const Request& request, const PathValues&) {
  const auto dry_run = flag_parameter(request, "dry_run");
  if (!dry_run) return problem_answer(dry_run.error(), request.id);
  const auto pruned = context.keeping.prune(dry_run->value_or(false));
  if (!pruned) return problem_answer(pruned.error(), request);
  return json_answer(wire::pruned(*pruned));
}

Response back_up(const ApiContext& context, const Request& request, const PathValues&) {
  const auto backup = context.keeping.back_up();
  if (!backup) return problem_answer(backup.error(), request);
  Response answer = json_answer(wire::backup(*backup), 201);
  answer.headers.emplace_back("Location", "/api/v1/admin/backups/" + backup->name);
  return answer;
}

Response show_backup(const ApiContext& context, const Request& request, const PathValues& path) {
  const auto file = context.keeping.backup_file(path.at(0));
  if (!file) return problem_answer(file.error(), request);
  const auto in = std::make_shared<std::ifstream>(*file, std::ios::binary);  // a function is copied with what it holds
  if (!*in) return problem_answer(Error{ErrorCode::io, "the backup cannot be read"}, request);
  Response answer;
  answer.content_type = "application/vnd.sqlite3";
  answer.pieces = [in]() -> std::optional<std::string> {
    constexpr std::size_t kPieceBytes = 256 * 1024;
    std::string piece(kPieceBytes, '\0');
    in->read(piece.data(), static_cast<std::streamsize>(piece.size()));
    piece.resize(static_cast<std::size_t>(in->gcount()));
    if (piece.empty()) return std::nullopt;
    return piece;
  };
  return answer;
}

}  // namespace dyno::api
