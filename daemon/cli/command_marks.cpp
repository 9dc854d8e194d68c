#include <fmt/format.h>

#include <algorithm>

#include "base/encoding.h"
#include "cli/commands.h"
#include "cli/wire.h"

namespace dyno::cli {
namespace {

constexpr int kChangedSince = 412;
constexpr int kTries = 5;

std::string marked_target(const std::string& id) { return "/api/v1/runs/" + percent_encoded(id); }

Outcome<Exit> print_marked(Session& session, const std::string& body, const std::string& words) {
  if (session.format == Format::table) {
    print_note(session, words);
    return Exit::ok;
  }
  const auto table = wire::member_table(body);
  if (!table) return tl::unexpected<Failure>(table.error());
  print_answer(session, body, *table);
  return Exit::ok;
}

Outcome<HttpAnswer> send_change(Session& session, const std::string& id, const std::string& body,
                                const std::string& etag) {
  HttpRequest request;
  request.method = "PATCH";
  request.target = marked_target(id);
  request.headers = {{"Content-Type", "application/json"}};
  if (!etag.empty()) request.headers.emplace_back("If-Match", etag);
  request.body = body;
  return session.client.send(request);
}

// `words`: with a {} for the run's id.
Outcome<Exit> change_run(Session& session, const std::string& run, const std::string& body, const std::string& words) {
  const auto id = find_id(session, run);
  if (!id) return tl::unexpected<Failure>(id.error());
  const auto answer = send_change(session, *id, body, "");
  if (!answer) return tl::unexpected<Failure>(answer.error());
  if (answer->status != 200) return tl::unexpected<Failure>(failure_of(*answer));
  return print_marked(session, answer->body, fmt::format(fmt::runtime(words), *id));
}

// Reads the tags and stores others, and again where somebody was faster.
Outcome<Exit> change_tags(Session& session, const MarkOptions& options, bool added) {
  const auto id = find_id(session, options.run);
  if (!id) return tl::unexpected<Failure>(id.error());
  for (int i = 0; i < kTries; ++i) {
    HttpRequest look;
    look.target = marked_target(*id);
    const auto known = session.client.send(look);
    if (!known) return tl::unexpected<Failure>(known.error());
    if (known->status != 200) return tl::unexpected<Failure>(failure_of(*known));
    auto run = wire::read_run(known->body);
    if (!run) return tl::unexpected<Failure>(run.error());
    for (const std::string& tag : options.tags) {
      std::erase(run->tags, tag);
      if (added) run->tags.push_back(tag);
    }
    const auto answer = send_change(session, *id, wire::run_tags(run->tags), known->etag);
    if (!answer) return tl::unexpected<Failure>(answer.error());
    if (answer->status == kChangedSince) continue;
    if (answer->status != 200) return tl::unexpected<Failure>(failure_of(*answer));
    const auto now = wire::read_run(answer->body);
    if (!now) return tl::unexpected<Failure>(now.error());
    std::string all;
    for (const std::string& tag : now->tags) all += (all.empty() ? "" : ", ") + tag;
    return print_marked(session, answer->body,
                        fmt::format("run {} has {}", *id, all.empty() ? "no tags" : "the tags " + all));
  }
  return fail_with(Exit::failure, "others change the run's tags all the time; nothing was changed");
}

}  // namespace

Outcome<Exit> note_run(Session& session, const MarkOptions& options) {
  return change_run(session, options.run, wire::run_note(options.text),
                    options.text.empty() ? "run {} has no note" : "run {} has a new note");
}
Outcome<Exit> tag_run(Session& session, const MarkOptions& options) { return change_tags(session, options, true); }
Outcome<Exit> untag_run(Session& session, const MarkOptions& options) { return change_tags(session, options, false); }
Outcome<Exit> pin_run(Session& session, const MarkOptions& options) {
  return change_run(session, options.run, R"({"pinned":true})", "run {} is pinned");
}
Outcome<Exit> unpin_run(Session& session, const MarkOptions& options) {
  return change_run(session, options.run, R"({"pinned":false})", "run {} is not pinned");
}
Outcome<Exit> exclude_run(Session& session, const MarkOptions& options) {
  return change_run(session, options.run, wire::run_excluded(options.text), "run {} is excluded: nothing counts it");
}
Outcome<Exit> include_run(Session& session, const MarkOptions& options) {
  return change_run(session, options.run, R"({"excluded":null})", "run {} counts again");
}

}  // namespace dyno::cli
