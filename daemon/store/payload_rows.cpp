#include "store/payload_rows.h"

#include <fmt/format.h>

#include "base/sha256.h"
#include "record/deflate.h"
#include "record/record.h"
#include "store/rows.h"

namespace dyno::store {
namespace {

// A run of a thousand stacks has a job of a few megabytes; nothing that we wrote is larger.
constexpr std::size_t kLongestText = std::size_t{64} << 20U;

constexpr auto kInsertJob = "INSERT INTO job (hash, json) VALUES (?, ?) ON CONFLICT (hash) DO NOTHING";
constexpr auto kSelectJob = R"sql(
  SELECT r.id, j.json, (SELECT min(e.id) FROM event e WHERE e.run_key = r.run_key)
  FROM run r JOIN job j ON j.hash = r.job_hash WHERE r.run_key = ?
)sql";
constexpr auto kSelectFirstEvent = R"sql(
  SELECT min(e.id) FROM run r JOIN event e ON e.run_key = r.run_key WHERE r.run_key = ? AND r.job_hash IS NOT NULL
)sql";
constexpr auto kInsertPayload = "INSERT INTO event_payload (event_id, json) VALUES (?, ?)";
constexpr auto kInsertAttachment = "INSERT INTO attachment (event_id, pointer, bytes) VALUES (?, ?, ?)";
constexpr auto kSelectEventIds = "SELECT id FROM event WHERE run_key = ? ORDER BY id";
constexpr auto kSelectTold =
    "SELECT e.at_ns, p.json FROM event e LEFT JOIN event_payload p ON p.event_id = e.id WHERE e.id = ?";
constexpr auto kSelectAttachments = "SELECT pointer, bytes FROM attachment WHERE event_id = ? ORDER BY attachment_key";
constexpr auto kSelectAttachment = "SELECT bytes FROM attachment WHERE event_id = ? AND pointer = ?";

}  // namespace

Result<StoredJob> stored_job(const model::Job& job) {
  const Result<std::string> json = record::record_job(job);
  if (!json) return fail(json.error(), "recording the job");
  return StoredJob{"sha256:" + sha256_hex(*json), record::deflate_text(*json)};
}

void insert_job(SQLite::Database& connection, const StoredJob& job) {
  Query(connection, kInsertJob, job.hash, Blob{job.packed}).run();
}

Result<std::optional<model::Job>> select_job(SQLite::Database& connection, std::int64_t run_key) {
  Query q(connection, kSelectJob, run_key);
  if (!q.next()) return std::nullopt;
  const std::string run_id = q.text();
  const Result<std::string> json = record::inflate_text(q.text(), kLongestText);
  if (!json) return fail(json.error(), "reading the job");
  Result<model::Job> job = record::read_job(*json);
  if (!job) return fail(job.error(), "reading the job");
  const Result<ToldEvent> queued = select_told(connection, q.integer());
  if (!queued) return fail(queued.error());
  const auto* const said = queued->event ? std::get_if<model::RunQueued>(&*queued->event) : nullptr;
  if (said == nullptr) return fail(ErrorCode::internal, "the first event of the run does not say what was asked for");
  job->run_id = run_id;
  job->request = said->request;
  return std::move(*job);
}

Result<std::optional<model::RunComparison>> select_comparison(SQLite::Database& connection, std::int64_t run_key) {
  Query q(connection, kSelectFirstEvent, run_key);
  const std::optional<std::int64_t> first = q.next() ? q.maybe_integer() : std::nullopt;
  if (!first) return std::nullopt;
  const Result<ToldEvent> queued = select_told(connection, *first);
  if (!queued) return fail(queued.error());
  const auto* const said = queued->event ? std::get_if<model::RunQueued>(&*queued->event) : nullptr;
  if (said == nullptr) return std::nullopt;
  return said->request.compare;
}

Result<Payload> payload_of(const model::RunEvent& event) {
  Result<record::EventRecord> record = record::record_event(event);
  if (!record) return fail(record.error());
  return Payload{record::deflate_text(record->json), std::move(record->attachments)};
}

void insert_payload(SQLite::Database& connection, std::int64_t event_id, const Payload& payload) {
  Query(connection, kInsertPayload, event_id, Blob{payload.packed}).run();
  for (const record::Attachment& part : payload.attachments)
    Query(connection, kInsertAttachment, event_id, part.pointer, Blob{part.bytes}).run();
}

std::vector<std::int64_t> select_event_ids(SQLite::Database& connection, std::int64_t run_key) {
  std::vector<std::int64_t> ids;
  Query q(connection, kSelectEventIds, run_key);
  while (q.next()) ids.push_back(q.integer());
  return ids;
}

Result<ToldEvent> select_told(SQLite::Database& connection, std::int64_t event_id) {
  const std::string context = fmt::format("reading event {}", event_id);
  Query q(connection, kSelectTold, event_id);
  if (!q.next()) return fail(ErrorCode::not_found, context + ": there is no such event");
  ToldEvent told{q.wall(), std::nullopt};
  const std::optional<std::string> packed = q.maybe_text();
  if (!packed) return told;
  Result<std::string> json = record::inflate_text(*packed, kLongestText);
  if (!json) return fail(json.error(), context);
  record::EventRecord record{std::move(*json), {}};
  Query parts(connection, kSelectAttachments, event_id);
  while (parts.next()) {
    record::Attachment& part = record.attachments.emplace_back();
    part.pointer = parts.text();
    part.bytes = parts.text();
  }
  Result<model::RunEvent> event = record::read_event(record);
  if (!event) return fail(event.error(), context);
  told.event = std::move(*event);
  return told;
}

std::string select_attachment(SQLite::Database& connection, std::int64_t event_id, std::string_view pointer) {
  Query q(connection, kSelectAttachment, event_id, pointer);
  return q.next() ? q.text() : std::string();
}

}  // namespace dyno::store
