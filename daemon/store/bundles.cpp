#include "store/bundles.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <utility>

#include "record/deflate.h"
#include "store/event_rows.h"
#include "store/events.h"
#include "store/mark_rows.h"
#include "store/payload_rows.h"
#include "store/rows.h"
#include "store/run_rows.h"

namespace dyno::store {
namespace {

constexpr std::size_t kPieceBytes = 256 * 1024;
// Of texts that are unpacked: what is parsed takes ten times as much, and nothing that we wrote is larger.
constexpr std::size_t kLongestJob = std::size_t{16} << 20U;
constexpr std::size_t kLongestEvent = std::size_t{4} << 20U;
constexpr Nanos kClocksDiffer = std::chrono::hours(24);

constexpr auto kSelectHead = R"sql(
  SELECT r.state, r.finished_at_ns IS NOT NULL, j.hash, j.json, (SELECT value FROM meta WHERE name = 'instance_id'), r.imported_from,
         (SELECT count(*) FROM event e WHERE e.run_key = r.run_key AND NOT EXISTS
           (SELECT 1 FROM event_payload p WHERE p.event_id = e.id))
  FROM run r LEFT JOIN job j ON j.hash = r.job_hash WHERE r.run_key = ?
)sql";
constexpr auto kSelectEventWhole =
    "SELECT e.at_ns, p.json FROM event e JOIN event_payload p ON p.event_id = e.id WHERE e.id = ?";
constexpr auto kSelectPartsOf = "SELECT pointer, bytes FROM attachment WHERE event_id = ? ORDER BY attachment_key";
constexpr auto kSetImported = "UPDATE run SET imported_from = ?, imported_at_ns = ? WHERE run_key = ?";

record::BundleEvent event_at(SQLite::Database& connection, std::int64_t event_id) {
  record::BundleEvent event;
  Query q(connection, kSelectEventWhole, event_id);
  if (!q.next()) throw SQLite::Exception("an event of the run has gone", SQLITE_CORRUPT);
  event.at = q.wall();
  event.payload = q.text();
  Query parts(connection, kSelectPartsOf, event_id);
  while (parts.next()) {
    record::Attachment& part = event.parts.emplace_back();
    part.pointer = parts.text();
    part.bytes = parts.text();
  }
  return event;
}

Result<model::RunEvent> read_stored(const record::BundleEvent& event) {
  Result<std::string> json = record::inflate_text(event.payload, kLongestEvent);
  if (!json) return fail(ErrorCode::invalid_argument, json.error().message);
  Result<model::RunEvent> read = record::read_event({std::move(*json), event.parts});
  if (!read) return fail(ErrorCode::invalid_argument, read.error().message);
  return read;
}

// Hands the bytes of the file to the reader; the line is named in what is wrong.
Status read_through(const std::filesystem::path& file, record::BundleReader& reader) {
  std::ifstream in(file, std::ios::binary);
  if (!in) return fail(ErrorCode::io, "the bundle cannot be read");
  std::string piece(kPieceBytes, '\0');
  while (in) {
    in.read(piece.data(), static_cast<std::streamsize>(piece.size()));
    if (Status fed = reader.feed(std::string_view(piece).substr(0, static_cast<std::size_t>(in.gcount()))); !fed)
      return fed;
  }
  if (in.bad()) return fail(ErrorCode::io, "the bundle cannot be read");
  return reader.finish();
}

Status check_job(const record::BundleHead& head) {
  const Result<std::string> json = record::inflate_text(head.job, kLongestJob);
  if (!json) return fail(ErrorCode::invalid_argument, "the job: " + json.error().message);
  if ("sha256:" + sha256_hex(*json) != head.job_hash)
    return fail(ErrorCode::invalid_argument, "the job is not that of its hash");
  const Result<model::Job> job = record::read_job(*json);
  return job ? Status() : fail(ErrorCode::invalid_argument, job.error().message);
}

// What a whole, good file says of itself.
struct Checked {
  record::BundleHead head;
  std::string content;
};

// An event by its place: the first queues the run, the last ends it.
Status check_place(const model::RunEvent& event, const record::BundleHead& head, int number) {
  const auto* const queued = std::get_if<model::RunQueued>(&event);
  if ((queued != nullptr) != (number == 1))
    return fail(ErrorCode::invalid_argument, "the first event, and no other, queues the run");
  if (queued != nullptr && queued->job_hash != head.job_hash)
    return fail(ErrorCode::invalid_argument, "the run was queued with another job");
  if (number != head.events) return {};
  const auto* const state = std::get_if<model::RunStateChanged>(&event);
  if (state != nullptr && model::is_terminal(state->state)) return {};
  return fail(ErrorCode::invalid_argument, "the last event does not end the run");
}

Result<Checked> check_file(const std::filesystem::path& file, WallTime now) {
  Checked checked;
  int number = 0;
  record::BundleReader reader({.head = [&](record::BundleHead&& head) -> Status {
                                 checked.head = std::move(head);
                                 return check_job(checked.head);
                               },
                               .event = [&](record::BundleEvent&& event) -> Status {
                                 if (event.at > now + kClocksDiffer)
                                   return fail(ErrorCode::invalid_argument, "an event lies in the future");
                                 const Result<model::RunEvent> read = read_stored(event);
                                 if (!read) return fail(read.error());
                                 return check_place(*read, checked.head, ++number);
                               }});
  if (Status read = read_through(file, reader); !read) return fail(read.error());
  checked.content = reader.content();
  return checked;
}

// As BundleReader::content() has it.
std::string content_of(SQLite::Database& connection, std::int64_t run_key) {
  Sha256 hash;
  for (const std::int64_t id : select_event_ids(connection, run_key))
    hash.update(record::bundle_event_line(event_at(connection, id)));
  return hash.hex();
}

// Appends the events one by one, as they were told.
Status store_events(SQLite::Database& connection, const std::filesystem::path& file, const std::string& run_id,
                    model::EventRow& last) {
  record::BundleReader reader(
      {.head = [](record::BundleHead&&) { return Status(); },
       .event = [&](record::BundleEvent&& event) -> Status {
         const Result<model::RunEvent> read = read_stored(event);
         if (!read) return fail(read.error());
         last = flat_row(run_id, event.at, *read);
         return append_event(connection, *read, Payload{std::move(event.payload), std::move(event.parts)}, last);
       }});
  return read_through(file, reader);
}

Status store_run(SQLite::Database& connection, const std::filesystem::path& file, const Checked& checked, WallTime now,
                 model::EventRow& last) {
  insert_job(connection, {checked.head.job_hash, checked.head.job});
  if (Status stored = store_events(connection, file, checked.head.run_id, last); !stored) return stored;
  const std::optional<RunHead> run = find_run(connection, checked.head.run_id);
  if (!run || !model::is_terminal(run->state))
    return fail(ErrorCode::invalid_argument, "the events do not end the run");
  update_marks(connection, run->run_key, checked.head.marks);
  Query(connection, kSetImported, checked.head.from, now, run->run_key).run();
  return {};
}

}  // namespace

Result<std::optional<std::string>> Export::next() {
  std::string piece;
  if (place_ == Place::head) {
    piece = record::bundle_head(head_);
    place_ = Place::events;
  } else if (place_ == Place::events && written_ < event_ids_.size()) {
    const Status read = database_.read("exporting a run", [&](SQLite::Database& connection) -> Status {
      while (piece.size() < kPieceBytes && written_ < event_ids_.size())
        piece += record::bundle_event(event_at(connection, event_ids_[written_++]));
      return {};
    });
    if (!read) return fail(read.error());
  } else if (place_ == Place::events) {
    place_ = Place::end;
    return std::optional(record::bundle_end(hash_.hex()));
  } else {
    return std::optional<std::string>();
  }
  hash_.update(piece);
  return std::optional(std::move(piece));
}

Result<std::unique_ptr<Export>> Bundles::open(const std::string& run_id, WallTime now) const {
  record::BundleHead head;
  std::vector<std::int64_t> ids;
  const Status read = database_.read("exporting a run", [&](SQLite::Database& connection) -> Status {
    const std::optional<RunHead> run = find_run(connection, run_id);
    if (!run) return fail(ErrorCode::not_found, fmt::format("there is no run {}", run_id));
    if (!model::is_terminal(run->state)) return fail(ErrorCode::conflict, "the run has not ended yet");
    Query q(connection, kSelectHead, run->run_key);
    q.next();
    q.skip(2);
    head.run_id = run_id;
    head.exported_at = now;
    head.job_hash = q.maybe_text().value_or("");
    head.job = q.maybe_text().value_or("");
    head.from = q.text();
    // Where it was measured stays known, through whatever hands it goes.
    if (auto from = q.maybe_text()) head.from = std::move(*from);
    if (q.number() > 0 || head.job_hash.empty())
      return fail(ErrorCode::conflict, "an older stackdyno stored the run, without all that a bundle has");
    head.marks = select_marks(connection, run->run_key);
    ids = select_event_ids(connection, run->run_key);
    head.events = static_cast<int>(ids.size());
    return {};
  });
  if (!read) return fail(read.error());
  return std::make_unique<Export>(database_, std::move(head), std::move(ids));
}

Result<ImportedRun> Bundles::import(const std::filesystem::path& file, WallTime now) {
  const Result<Checked> checked = check_file(file, now);
  if (!checked) return fail(checked.error());
  ImportedRun imported{checked->head.run_id, false};
  model::EventRow last;
  const auto work = [&](SQLite::Database& connection) -> Status {
    if (const std::optional<RunHead> run = find_run(connection, imported.run_id)) {
      if (content_of(connection, run->run_key) != checked->content)
        return fail(ErrorCode::conflict, fmt::format("another run {} is here already", imported.run_id));
      imported.repeated = true;
      return {};
    }
    return store_run(connection, file, *checked, now, last);
  };
  const Status stored = database_.write("importing a run", work, [&] {
    if (!imported.repeated) feed_.post(last);
  });
  if (!stored) return fail(stored.error());
  return imported;
}

}  // namespace dyno::store
