// What every command needs: the daemon, the output format, and where to write. One thread.
#pragma once

#include <string>
#include <string_view>

#include "base/screen.h"
#include "cli/http_client.h"
#include "cli/outcome.h"
#include "cli/table.h"

namespace dyno::cli {

struct Session {
  HttpClient& client;
  Format format = Format::table;
  bool quiet = false;
  bool all = false;  // of a result every table, not the overview
  Screen screen{};   // of stdout
};

// The body of a successful answer; anything else becomes an exit code and the problem in sentences.
Outcome<std::string> fetch(Session& session, const std::string& target);
Outcome<std::string> post(Session& session, const HttpRequest& request);
Failure failure_of(const HttpAnswer& answer);

// Data goes to stdout. The format decides whether it is the body or the table.
void print_answer(const Session& session, std::string_view body, const Table& table);
void print_text(std::string_view text);
void print_note(const Session& session, std::string_view text);  // stderr

}  // namespace dyno::cli
