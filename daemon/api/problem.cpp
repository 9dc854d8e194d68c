#include "api/problem.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace dyno::api {
namespace {

constexpr std::array kTypes{
    ProblemType{"bad-request", "The request could not be read",
                "The request breaks the grammar of HTTP, of its target or of its body."},
    ProblemType{"unknown-parameter", "The query has a parameter that is not known",
                "/api/v1/openapi.json lists all parameters. The message suggests the nearest one."},
    ProblemType{"invalid-parameter", "A parameter has an unusable value",
                "The value is out of range or of the wrong kind."},
    ProblemType{"invalid-request", "The request is not valid",
                "The body was parsed, but asks for something that does not exist or is out of range. `errors` lists "
                "every fault."},
    ProblemType{"invalid-file", "The file cannot be used", "`errors` lists every fault with line and column."},
    ProblemType{"foreign-host", "Not this server's name",
                "Requests are accepted only under this machine's names. That keeps foreign pages out."},
    ProblemType{"foreign-origin", "Not from this page",
                "Changes are accepted only from the dashboard itself and from programs other than browsers."},
    ProblemType{"not-found", "Not found", "The path, or the thing that it names, does not exist."},
    ProblemType{"method-not-allowed", "This cannot be done here", "The header Allow names the methods of this path."},
    ProblemType{"not-acceptable", "Not acceptable", "The response does not exist in the requested form."},
    ProblemType{"request-too-slow", "The request took too long", "A whole request must arrive within ten seconds."},
    ProblemType{"length-required", "The length is missing", "A body needs a Content-Length."},
    ProblemType{"body-too-large", "The body is too large",
                "A body has at most 1 MiB, a file to be checked or a schedule 256 KiB."},
    ProblemType{"target-too-long", "The target is too long", "A target has at most 8 KiB."},
    ProblemType{"headers-too-large", "The headers are too large", "Headers have at most 16 KiB and 64 lines."},
    ProblemType{"unsupported-media-type", "The body has the wrong type",
                "Bodies are JSON, or YAML where a file is checked or a schedule is made, and not compressed."},
    ProblemType{"conflict", "Not in this state", "It is not possible in the current state."},
    ProblemType{"precondition-required", "If-Match is missing",
                "Read it first: its ETag is the If-Match of the change, so that nobody's change is lost."},
    ProblemType{"precondition-failed", "It has been changed since", "Read it again: If-Match names an older version."},
    ProblemType{"nothing-in-common", "There is nothing to compare",
                "The two sides must have a metric of a phase in common: the same profile, and at least one same case."},
    ProblemType{"invalid-folder", "The folder cannot be taken",
                "The archive is not one of a stack's folder: the detail names the entry and what is wrong with it."},
    ProblemType{"invalid-bundle", "The bundle cannot be imported",
                "It is cut off, changed, or no bundle of a run. Nothing of it was stored."},
    ProblemType{"queue-full", "The queue is full", "Too many runs are waiting. Try again when some are done."},
    ProblemType{
        "storage-full", "Nothing can be stored now",
        "The disk that holds the database is full or read-only, or fails. What is stored can be read. Try again "
        "when it takes writes."},
    ProblemType{"key-reused", "The Idempotency-Key was used for something else",
                "For 24 hours a key belongs to one body."},
    ProblemType{"too-many-streams", "Too many live streams",
                "At most 16 streams are open at a time. Poll instead, or close one."},
    ProblemType{"unavailable", "Temporarily unavailable",
                "Something that is needed does not respond. Try again later."},
    ProblemType{"internal", "Our fault", "Something went wrong inside dynod. Its log says more."},
};

struct Row {
  ErrorCode code;
  int status;
  std::string_view slug;
};

// The one table from error codes to HTTP.
constexpr std::array kStatus{
    Row{ErrorCode::invalid_argument, 422, "invalid-request"},
    Row{ErrorCode::not_found, 404, "not-found"},
    Row{ErrorCode::conflict, 409, "conflict"},
    Row{ErrorCode::unavailable, 503, "unavailable"},
    Row{ErrorCode::timed_out, 503, "unavailable"},
    Row{ErrorCode::cancelled, 503, "unavailable"},
    Row{ErrorCode::exhausted, 503, "unavailable"},
    Row{ErrorCode::storage, 503, "storage-full"},
    Row{ErrorCode::io, 500, "internal"},
    Row{ErrorCode::protocol, 500, "internal"},
    Row{ErrorCode::unsupported, 422, "invalid-request"},
    Row{ErrorCode::internal, 500, "internal"},
};

}  // namespace

void add_fault(std::vector<Fault>& faults, Fault fault) {
  if (is_full(faults)) return;
  if (faults.size() == kMostFaults) {
    fault = fault_of(model::more_problems({}));
  }
  faults.push_back(std::move(fault));
}

Problem problem_of(const Error& error) {
  const auto* const row =
      std::find_if(kStatus.begin(), kStatus.end(), [&](const Row& r) { return r.code == error.code; });
  if (row == kStatus.end()) return {500, "internal", error.message, {}};
  return {row->status, std::string(row->slug), error.message, {}};
}

Problem problem_of(const Refusal& refusal) { return {refusal.status, refusal.slug, refusal.detail, {}}; }

Fault fault_of(const model::Problem& problem) {
  return {problem.message, problem.code, problem.pointer, "", problem.file, problem.line, problem.column};
}

Problem problem_of(std::span<const model::Problem> problems, std::string_view file) {
  Problem problem{422,
                  "invalid-file",
                  problems.size() > kMostFaults
                      ? fmt::format("{} problems or more in {}", kMostFaults, file)
                      : fmt::format("{} problem{} in {}", problems.size(), problems.size() == 1 ? "" : "s", file),
                  {}};
  for (const model::Problem& found : problems) add_fault(problem.faults, fault_of(found));
  return problem;
}

std::span<const ProblemType> problem_types() { return kTypes; }

std::string_view title_of(std::string_view slug) {
  const auto* const found =
      std::find_if(kTypes.begin(), kTypes.end(), [&](const ProblemType& type) { return type.slug == slug; });
  return found == kTypes.end() ? "Something went wrong" : found->title;
}

}  // namespace dyno::api
