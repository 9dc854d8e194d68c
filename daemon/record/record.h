// Values of the model as JSON text, and back: the form in which the store keeps the job of a run and the payload of its
// events. The way there and back changes nothing: including doubles, 64-bit integers, absent values and bytes that are
// not UTF-8. The same value gives the same text. What is read is checked whole: an unknown key or word, a missing key, a wrong
// type are errors that name the place by its JSON pointer. Bulk parts (histograms, samples, seconds, logs) are no text: they
// travel as attachments, packed, and the text has their names. Pure functions, thread-safe.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/job.h"
#include "model/run_event.h"

namespace dyno::record {

// A bulk part of an event: bytes in place of the value at `pointer`.
struct Attachment {
  std::string pointer;  // "/result/histograms/0/v2"
  std::string bytes;    // a series of series_codec.h, a histogram without its base64, or a deflated log
};

struct EventRecord {
  std::string json;  // {"phase_finished":{…}}
  std::vector<Attachment> attachments;
};

// The pointers of those parts that the store shows by themselves.
inline constexpr std::string_view kPhaseTimeline = "/timeline";
inline constexpr std::string_view kPhaseSeconds = "/result/seconds";
inline constexpr std::string_view kMemorySamples = "/samples";
std::string histogram_pointer(std::size_t index);  // within the result of a phase

// Fails with invalid_argument for what has no exact form: a histogram that is not base64, a key that is not UTF-8.
Result<EventRecord> record_event(const model::RunEvent& event);
Result<model::RunEvent> read_event(const EventRecord& record);

// A job without its run's id and its request, which differ each time the same work is run.
Result<std::string> record_job(const model::Job& job);
Result<model::Job> read_job(std::string_view json);

// What a file said, without the hash of its folder. Two files of the same text ask for the same.
Result<std::string> content_of(model::Stack stack);
Result<std::string> content_of(model::Service service);

}  // namespace dyno::record
