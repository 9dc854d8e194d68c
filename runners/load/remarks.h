// What a load phase met and no figure shows: told in words beside the figures. Each worker notes the first of each kind where it is
// met; the counts that belong to them are in Counts. Values, and the words for them.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "runners/load/http/response_parser.h"

namespace dyno::loadgen {

struct LoadReport;
struct LoadSpec;

struct Remarks {
  std::array<std::string, kParseErrors> refused;  // of each reason the bytes around the place, the first time
  std::string redirect;                           // "302 to https://…", the first
  std::string connect;                            // why a connect failed, the first time
  int never_opened = 0;                           // connections, to the end
  std::uint32_t streams_allowed = UINT32_MAX;     // HTTP/2: the fewest that the server allowed at once on a connection

  void merge(const Remarks& other);
};

// What an errno value means, to stand behind a colon: "connection refused".
std::string errno_words(int error);
// What is counted, in words: "1 request", "31 411 requests".
std::string count_words(std::int64_t count, std::string_view noun);
// What stands around `at`, printable: the first bytes of an answer that is refused there, or, further in, the last ones before.
std::string excerpt(std::string_view bytes, std::size_t at);
// The value of a Location field, printable. And of the last one in `bytes`; empty: none.
std::string visible_location(std::string_view value);
std::string location_in(std::string_view bytes);
// ", and points to https://…" for an answer with that head, in front of which the words say what it was; empty: it points nowhere.
std::string pointing_words(std::string_view head);

struct Remark {
  std::string_view title;
  std::string words;
};
// For a person, in the order of a report; empty: nothing to tell.
std::vector<Remark> remarks_of(const LoadSpec& spec, const LoadReport& report);
// HTTP/2: that the server allowed fewer streams at once than were asked for.
bool had_fewer_streams(const LoadSpec& spec, const Remarks& remarks);

}  // namespace dyno::loadgen
