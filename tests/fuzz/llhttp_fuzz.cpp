// The response parser against llhttp, the parser of Node.js: whatever the bytes, both must read the same first answer. Where they may
// differ is listed in may_refuse() and may_accept(), each with its reason; any other difference aborts.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <regex>
#include <string>

#include <llhttp.h>

#include "unit/runner_load/parse_all.h"

namespace {

using dyno::loadgen::ParseError;

struct Theirs {
  bool refused = false;
  bool complete = false;
  bool has_head = false;
  bool in_interim = false;
  bool ends_at_interim = false;  // to them an interim answer ended the connection
  bool to_head = false;
  bool keep_alive = true;
  bool chunked = false;
  int status = 0;
  int minor = 1;
  std::string body;
  std::string reason;
};

Theirs& self(llhttp_t* parser) { return *static_cast<Theirs*>(parser->data); }

int on_head(llhttp_t* parser) {
  Theirs& theirs = self(parser);
  theirs.in_interim = parser->status_code < 200 && parser->status_code != 101;
  if (theirs.in_interim) return 1;  // no body, whatever it says
  theirs.has_head = true;
  theirs.status = parser->status_code;
  theirs.chunked = (parser->flags & F_CHUNKED) != 0;
  theirs.keep_alive = llhttp_should_keep_alive(parser) != 0;
  // llhttp leaves to its user which answers have no body (RFC 9112, 6.3) and would read one for 204 and 304 with a length.
  const bool bodiless = parser->status_code == 101 || parser->status_code == 204 || parser->status_code == 304;
  return theirs.to_head || bodiless ? 1 : 0;
}

int on_body(llhttp_t* parser, const char* at, std::size_t length) {
  self(parser).body.append(at, length);
  return 0;
}

int on_complete(llhttp_t* parser) {
  Theirs& theirs = self(parser);
  if (theirs.in_interim) {
    theirs.ends_at_interim = theirs.ends_at_interim || llhttp_should_keep_alive(parser) == 0;
    return 0;
  }
  theirs.complete = true;
  // Not earlier: that the answer has no body decides whether it ends with the connection. In HTTP/1.0 they do not look for "close"
  // beside "keep-alive"; we then close. But after a chunked body they take trailers for header fields, which can say neither where the
  // answer ended nor what becomes of the connection (RFC 9110, 6.5.1).
  if (!theirs.chunked || theirs.to_head) theirs.keep_alive = llhttp_should_keep_alive(parser) != 0;
  theirs.minor = parser->http_minor;
  return HPE_PAUSED;
}

Theirs read_theirs(std::string_view bytes, bool to_head) {
  Theirs theirs;
  theirs.to_head = to_head;
  llhttp_settings_t settings;
  llhttp_settings_init(&settings);
  settings.on_headers_complete = on_head;
  settings.on_body = on_body;
  settings.on_message_complete = on_complete;
  llhttp_t parser;
  llhttp_init(&parser, HTTP_RESPONSE, &settings);
  parser.data = &theirs;
  llhttp_errno_t rc = llhttp_execute(&parser, bytes.data(), bytes.size());
  // The head is complete and the connection another protocol's: for us that is a complete answer.
  if (rc == HPE_PAUSED_UPGRADE) theirs.complete = true;
  if (rc == HPE_OK && !theirs.complete) rc = llhttp_finish(&parser);
  theirs.refused = !theirs.complete && rc != HPE_OK && rc != HPE_PAUSED && rc != HPE_PAUSED_UPGRADE;
  if (theirs.refused && parser.reason != nullptr) theirs.reason = parser.reason;
  return theirs;
}

bool holds(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

// Behind the name of a coding a tab, which is white space to us (RFC 9110, 5.5), or an empty element of the list (5.6.1): they no longer
// know the name, and see a body without chunks, up to the end of the connection.
bool they_miss_chunks(const Theirs& theirs, std::string_view bytes) {
  static const std::regex behind("chunked *[\t,]", std::regex::icase);
  return !theirs.chunked && std::regex_search(bytes.begin(), bytes.end(), behind);
}

// We refuse what they accept.
bool may_refuse(ParseError error) {
  switch (error) {
    // HTTP/0.9 and 2.0, a status of other than three digits, a bare CR or LF as an end of line, white space where none belongs: a load
    // generator speaks to one server, and such an answer is not one of HTTP/1.1.
    case ParseError::bad_status_line: return true;
    // A fold in front of the first line, bare LF, control and other characters in names: refused by RFC 9112, 2.2 and 5.
    case ParseError::bad_header: return true;
    // Content-Length twice with the same value, or an empty one, or beside Transfer-Encoding: RFC 9112, 6.3 allows to refuse.
    case ParseError::bad_length: return true;
    // Codings other than chunked, chunked under HTTP/1.0: nothing that we asked for with TE.
    case ParseError::bad_coding: return true;
    // Extensions with control characters, words behind a size without a semicolon, or sizes of more than sixteen digits although their
    // value is small.
    case ParseError::bad_chunk: return true;
    // Limits of ours.
    case ParseError::header_too_large: return true;
    case ParseError::body_too_large: return true;
    // Both must agree on where an answer ends.
    case ParseError::ended_early: return false;
    case ParseError::none: return true;  // nothing but interim answers came
  }
  return false;
}

// We accept what they refuse.
bool may_accept(const Theirs& theirs, std::string_view bytes) {
  // A length or a coding among the trailers: it frames nothing any more, and we pass over it like over any other (RFC 9112, 7.1.2).
  return holds(theirs.reason, "can't be present with") ||
         // The words of a chunk's extension: nothing depends on them, they end with the line, and RFC 9112, 7.1.1 has unknown ones ignored.
         // ("Invalid character in chunk size" is what they say of a few characters that follow an extension's value.)
         holds(theirs.reason, "in chunk extensions") ||
         (holds(theirs.reason, "Invalid character in chunk size") && holds(bytes, ";")) ||
         // A tab behind a size: white space like a blank (RFC 9112, 7.1.1).
         (holds(theirs.reason, "Invalid character in chunk size") && holds(bytes, "\t")) ||
         // A tab behind a length: optional white space like a blank (RFC 9110, 5.5).
         (holds(theirs.reason, "Invalid character in Content-Length") && holds(bytes, "\t")) ||
         // An interim answer that says "close", or is of HTTP/1.0: its header fields say nothing of the connection to us. They refuse what
         // follows, or (without strict mode) pass over it in silence.
         theirs.ends_at_interim;
}

[[noreturn]] void differ(const char* what, const dyno::loadgen::Parsed& ours, const Theirs& theirs) {
  std::fprintf(stderr, "%s\nours: %zu answers, status %d, error %s, keep-alive %d, body %zu bytes\n", what,
               ours.statuses.size(), ours.statuses.empty() ? 0 : ours.statuses[0],
               std::string(dyno::loadgen::to_string(ours.error)).c_str(), ours.keep_alive ? 1 : 0,
               ours.bodies.empty() ? 0 : ours.bodies[0].size());
  std::fprintf(stderr, "theirs: complete %d, refused %d (%s), status %d, keep-alive %d, body %zu bytes\n",
               theirs.complete, theirs.refused, theirs.reason.c_str(), theirs.status, theirs.keep_alive,
               theirs.body.size());
  std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace dyno::loadgen;
  if (size < 1) return 0;
  const bool to_head = (data[0] & 1) != 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  HeaderMemo memo;
  const Parsed ours = parse_all({bytes}, 1, true, to_head, memo);
  const Theirs theirs = read_theirs(bytes, to_head);
  if (they_miss_chunks(theirs, bytes)) return 0;
  if (ours.whole && theirs.complete) {
    if (ours.statuses[0] != theirs.status) differ("status", ours, theirs);
    if (ours.bodies[0] != theirs.body) differ("body", ours, theirs);
    if (ours.statuses[0] != 101 && ours.keep_alive != theirs.keep_alive && (ours.keep_alive || theirs.minor == 1))
      differ("keep-alive", ours, theirs);
  } else if (ours.whole && theirs.refused) {
    if (!may_accept(theirs, bytes)) differ("we accept what they refuse", ours, theirs);
  } else if (ours.whole && !theirs.ends_at_interim) {
    differ("we see an answer, they see none yet", ours, theirs);
  } else if (theirs.complete && !may_refuse(ours.error)) {
    differ("we refuse what they accept", ours, theirs);
  }
  return 0;
}
