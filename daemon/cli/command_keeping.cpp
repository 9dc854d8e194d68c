#include <fmt/format.h>

#include <cstdio>
#include <fstream>

#include "base/encoding.h"
#include "base/sha256.h"
#include "cli/commands.h"
#include "cli/watch.h"
#include "cli/wire.h"

namespace dyno::cli {

Outcome<Exit> collect_garbage(Session& session, bool dry_run) {
  bool more = true;
  while (more) {
    HttpRequest request;
    request.method = "POST";
    request.target = fmt::format("/api/v1/admin/prune?dry_run={}", dry_run);
    const auto body = post(session, request);
    if (!body) return tl::unexpected<Failure>(body.error());
    const auto all = wire::read_pruned(*body);
    if (!all) return tl::unexpected<Failure>(all.error());
    print_answer(session, *body, all->table);
    print_note(session, all->words);
    more = all->more && !dry_run;
  }
  return Exit::ok;
}

Outcome<Exit> back_up(Session& session, const std::string& file) {
  HttpRequest request;
  request.method = "POST";
  request.target = "/api/v1/admin/backup";
  const auto body = post(session, request);
  if (!body) return tl::unexpected<Failure>(body.error());
  const auto backup = wire::read_backup(*body);
  if (!backup) return tl::unexpected<Failure>(backup.error());
  const std::string part = file + ".part";
  std::ofstream out(part, std::ios::binary | std::ios::trunc);
  if (!out) return fail_with(Exit::failure, fmt::format("cannot write {}", part));
  Sha256 hash;
  HttpRequest look;
  look.target = "/api/v1/admin/backups/" + percent_encoded(backup->name);
  const auto answer = session.client.follow(
      look,
      [&](std::string_view bytes) {
        hash.update(bytes);
        out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
      },
      [] { return Signals::interrupts() == 0 && !Signals::terminated(); });
  out.close();
  const auto give_up = [&](Failure failure) -> Outcome<Exit> {
    std::remove(part.c_str());
    return tl::unexpected<Failure>(std::move(failure));
  };
  if (!answer) return give_up(answer.error());
  constexpr int kOk = 200;
  if (answer->status != kOk) return give_up(failure_of(*answer));
  if (hash.hex() != backup->sha256) return give_up({Exit::failure, "the backup did not come whole"});
  if (!out || std::rename(part.c_str(), file.c_str()) != 0)
    return give_up({Exit::failure, fmt::format("cannot write {}", file)});
  print_note(session, fmt::format("{} is a whole, checked copy of the daemon's database", file));
  return Exit::ok;
}

}  // namespace dyno::cli
