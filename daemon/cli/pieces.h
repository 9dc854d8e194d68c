// A file sent to the daemon in pieces, because one request has at most 1 MiB: bundles of runs, folders of stacks. One thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "cli/outcome.h"
#include "cli/session.h"

namespace dyno::cli {

class PieceUpload {
 public:
  // `place`: "/api/v1/imports".
  PieceUpload(Session& session, std::string place) : session_(session), place_(std::move(place)) {}
  // One that was not finished is dropped there, too.
  ~PieceUpload();
  PieceUpload(const PieceUpload&) = delete;
  PieceUpload& operator=(const PieceUpload&) = delete;

  Outcome<Exit> begin();
  Outcome<Exit> add(std::string_view bytes);
  // What the daemon made of it. `query`: "?name=x", or empty.
  Outcome<std::string> finish(const std::string& query = {});
  std::uint64_t sent() const { return offset_; }

 private:
  Outcome<std::string> ask(const std::string& method, const std::string& rest, std::string body = {});
  Outcome<Exit> send();

  Session& session_;
  const std::string place_;
  std::string id_;
  std::string piece_;
  std::uint64_t offset_ = 0;
};

// What a stack needs, and is therefore sent whatever its .dockerignore leaves out.
std::vector<std::string> kept_of_folder();
// Sends the folder of a stack, but for .git and what its .dockerignore leaves out; the name of the stack as which it was kept. `name` empty: as
// its file says. `shown`: what the folder is called to the user; empty: as it is.
Outcome<std::string> upload_folder(Session& session, const std::string& folder, const std::string& name = {},
                                   const std::string& shown = {});

}  // namespace dyno::cli
