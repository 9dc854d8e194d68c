#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <memory>
#include <utility>
#include <vector>

#include "api/answers.h"
#include "api/handlers.h"
#include "api/parameters.h"
#include "api/tables.h"
#include "base/text.h"

namespace dyno::api {
namespace {

constexpr std::size_t kPiece = std::size_t{256} << 10U;

// Where a reader is in a log that may still grow.
struct Follower {
  std::string run_id;
  std::string name;
  std::int64_t from = 0;
};

// What is new; nothing where the build does not go on.
std::optional<model::LogPiece> read_present(const ApiContext& context, const Follower& at,
                                            std::chrono::milliseconds wait, std::stop_token stop) {
  if (!context.present_build) return std::nullopt;
  return context.present_build->read(at.run_id, at.name, at.from, wait, std::move(stop));
}

// The rest of a log that is stored, in pieces.
bool write_rest(const model::BuildLog& log, Follower& at, const StreamSink& sink) {
  while (at.from < log.told_bytes()) {
    const model::LogPiece piece = model::piece_of(log, at.from, kPiece);
    if (!sink.write(piece.text)) return false;
    at.from = piece.next;
  }
  return true;
}

void follow_log(const ApiContext& context, Follower at, const StreamSink& sink) {
  while (!sink.stop.stop_requested() && sink.is_open()) {
    const auto piece = read_present(context, at, kStreamWait, sink.stop);
    if (!piece) break;
    at.from = piece->next;
    if (!piece->text.empty() && !sink.write(piece->text)) return;
  }
  // It is stored before it ceases to be the present one.
  if (const auto log = context.reader.build_log(at.run_id, at.name)) write_rest(*log, at, sink);
}

tl::expected<std::int64_t, Problem> read_from(const Request& request) {
  const auto given = request.parameter("from");
  if (!given) return 0;
  const auto from = parse_int(*given);
  if (from && *from >= 0) return *from;
  return tl::unexpected<Problem>(bad_parameter("from", "from must be a number of bytes"));
}

tl::expected<bool, Problem> read_follow(const Request& request) {
  const std::string_view follow = request.parameter("follow").value_or("false");
  if (follow == "true" || follow == "false") return follow == "true";
  return tl::unexpected<Problem>(bad_parameter("follow", "follow must be true or false"));
}

}  // namespace

Response list_builds(const ApiContext& context, const Request& request, const PathValues& path) {
  const auto run = context.reader.run(path.at(0));
  if (!run) return problem_answer(run.error(), request);
  // Looked at before what is stored, so that none is missing that ends in between.
  auto present = context.present_build ? context.present_build->builds(run->id) : std::vector<model::Build>();
  auto builds = context.reader.builds(run->id);
  if (!builds) return problem_answer(builds.error(), request);
  for (model::Build& one : present) {
    const bool is_stored = std::any_of(builds->begin(), builds->end(), [&](const model::Build& stored) {
      return stored.owner == one.owner && stored.name == one.name;
    });
    if (!is_stored) builds->push_back(std::move(one));
  }
  Table table = tables::builds(std::move(*builds));
  return part_of(*run,
                 rows_answer(
                     request, [&] { return wire::rows(table, "run", run->id); }, [&] { return std::move(table); }));
}

Response show_build_log(const ApiContext& context, const Request& request, const PathValues& path) {
  const auto from = read_from(request);
  if (!from) return problem_answer(from.error(), request.id);
  const auto follow = read_follow(request);
  if (!follow) return problem_answer(follow.error(), request.id);
  const auto run = context.reader.run(path.at(0));
  if (!run) return problem_answer(run.error(), request);
  Follower at{run->id, path.at(1), *from};
  std::string text;
  auto present = read_present(context, at, {}, {});
  if (present && *follow) {
    Response answer;
    answer.content_type = "text/plain; charset=utf-8";
    answer.stream = [&context, at](const StreamSink& sink) { follow_log(context, at, sink); };
    return answer;
  }
  while (present && !present->text.empty()) {
    text += present->text;
    at.from = present->next;
    present = read_present(context, at, {}, {});
  }
  if (present) return text_answer(std::move(text));
  // It is not being built, or has just ended: then the stored log goes on where this one stopped.
  const auto log = context.reader.build_log(at.run_id, at.name);
  if (!log) return problem_answer(log.error(), request);
  text += model::piece_of(*log, at.from, std::numeric_limits<std::size_t>::max()).text;
  return part_of(*run, text_answer(std::move(text)));
}

}  // namespace dyno::api
