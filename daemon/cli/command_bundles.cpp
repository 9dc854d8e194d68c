#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>

#include "base/encoding.h"
#include "base/file.h"
#include "base/id.h"
#include "base/sha256.h"
#include "cli/commands.h"
#include "cli/watch.h"
#include "cli/wire.h"

namespace dyno::cli {
namespace {

constexpr std::size_t kPieceBytes = std::size_t{512} << 10U;
constexpr int kOk = 200;
constexpr int kCreated = 201;

// Whether a bundle came whole: its last line has the hash of all before it. Holds no more than one line back.
class EndCheck {
 public:
  void feed(std::string_view bytes) {
    while (!bytes.empty()) {
      const std::size_t end = bytes.find('\n');
      last_.append(bytes.substr(0, end));
      if (end == std::string_view::npos) return;
      last_ += '\n';
      if (last_.starts_with("end ")) end_ = last_;
      else hash_.update(last_);
      last_.clear();
      bytes.remove_prefix(end + 1);
    }
  }
  bool is_whole() { return last_.empty() && !end_.empty() && end_ == "end " + hash_.hex() + "\n"; }

 private:
  std::string last_;
  std::string end_;
  Sha256 hash_;
};

Outcome<std::string> import_request(Session& session, const std::string& method, const std::string& rest,
                                    std::string body = {}) {
  HttpRequest request;
  request.method = method;
  request.target = "/api/v1/imports" + rest;
  if (!body.empty()) request.headers = {{"Content-Type", "application/octet-stream"}};
  request.body = std::move(body);
  auto answer = session.client.send(request);
  if (!answer) return tl::unexpected<Failure>(answer.error());
  if (answer->status != kOk && answer->status != kCreated) return tl::unexpected<Failure>(failure_of(*answer));
  return std::move(answer->body);
}

Outcome<Exit> send_pieces(Session& session, const std::string& id, std::ifstream& in, const std::string& file) {
  std::string piece(kPieceBytes, '\0');
  std::uint64_t offset = 0;
  while (in) {
    in.read(piece.data(), static_cast<std::streamsize>(piece.size()));
    const auto count = static_cast<std::size_t>(in.gcount());
    if (count == 0) break;
    const auto sent = import_request(session, "PUT", fmt::format("/{}?offset={}", id, offset), piece.substr(0, count));
    if (!sent) return tl::unexpected<Failure>(sent.error());
    offset += count;
  }
  if (in.bad()) return fail_with(Exit::failure, fmt::format("cannot read {}", file));
  if (offset == 0) return fail_with(Exit::failure, fmt::format("{} is empty", file));
  return Exit::ok;
}

}  // namespace

Outcome<Exit> export_run(Session& session, const ExportOptions& options) {
  const auto id = find_id(session, options.run);
  if (!id) return tl::unexpected<Failure>(id.error());
  const std::string file = options.file.empty() ? short_id(*id) + ".stackdyno" : options.file;
  const bool to_stdout = file == "-";
  const std::string part = file + ".part";
  std::ofstream out;
  if (!to_stdout) out.open(part, std::ios::binary | std::ios::trunc);
  if (!to_stdout && !out) return fail_with(Exit::failure, fmt::format("cannot write {}", part));
  EndCheck check;
  HttpRequest request;
  request.target = "/api/v1/runs/" + percent_encoded(*id) + "/bundle";
  const auto answer = session.client.follow(
      request,
      [&](std::string_view bytes) {
        check.feed(bytes);
        if (to_stdout) print_text(bytes);
        else out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
      },
      [] { return Signals::interrupts() == 0 && !Signals::terminated(); });
  if (!to_stdout) out.close();
  const auto give_up = [&](Failure failure) -> Outcome<Exit> {
    if (!to_stdout) std::remove(part.c_str());
    return tl::unexpected<Failure>(std::move(failure));
  };
  if (!answer) return give_up(answer.error());
  if (answer->status != kOk) return give_up(failure_of(*answer));
  if (!check.is_whole()) return give_up({Exit::failure, "the bundle did not come whole; nothing was written"});
  if (to_stdout) return Exit::ok;
  if (!out || std::rename(part.c_str(), file.c_str()) != 0)
    return give_up({Exit::failure, fmt::format("cannot write {}", file)});
  print_text(file + "\n");
  return Exit::ok;
}

Outcome<Exit> import_run(Session& session, const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in) return fail_with(Exit::not_found, fmt::format("cannot read {}", file));
  const auto begun = import_request(session, "POST", "");
  if (!begun) return tl::unexpected<Failure>(begun.error());
  const auto id = wire::read_upload(*begun);
  if (!id) return tl::unexpected<Failure>(id.error());
  if (auto sent = send_pieces(session, *id, in, file); !sent) {
    static_cast<void>(import_request(session, "DELETE", "/" + *id));
    return sent;
  }
  const auto body = import_request(session, "POST", "/" + *id + "/finish");
  if (!body) return tl::unexpected<Failure>(body.error());
  const auto run = wire::read_run(*body);
  if (!run) return tl::unexpected<Failure>(run.error());
  print_text(session.format == Format::json || session.format == Format::ndjson ? wire::as_ndjson(*body)
                                                                                : run->id + "\n");
  return Exit::ok;
}

}  // namespace dyno::cli
