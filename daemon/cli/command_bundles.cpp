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
#include "cli/pieces.h"
#include "cli/watch.h"
#include "cli/wire.h"

namespace dyno::cli {
namespace {

constexpr std::size_t kBlockBytes = std::size_t{64} << 10U;
constexpr int kOk = 200;

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
  PieceUpload upload(session, "/api/v1/imports");
  if (auto begun = upload.begin(); !begun) return begun;
  std::string block(kBlockBytes, '\0');
  bool is_empty = true;
  while (in) {
    in.read(block.data(), static_cast<std::streamsize>(block.size()));
    is_empty = is_empty && in.gcount() == 0;
    if (auto sent = upload.add(std::string_view(block).substr(0, static_cast<std::size_t>(in.gcount()))); !sent)
      return sent;
  }
  if (is_empty) return fail_with(Exit::failure, fmt::format("{} is empty", file));
  if (in.bad()) return fail_with(Exit::failure, fmt::format("cannot read {}", file));
  const auto body = upload.finish();
  if (!body) return tl::unexpected<Failure>(body.error());
  const auto run = wire::read_run(*body);
  if (!run) return tl::unexpected<Failure>(run.error());
  print_text(session.format == Format::json || session.format == Format::ndjson ? wire::as_ndjson(*body)
                                                                                : run->id + "\n");
  return Exit::ok;
}

}  // namespace dyno::cli
