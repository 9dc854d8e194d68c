// What a report is about, beside its spec and its figures: which program asked whom, when and from where.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace dyno::loadgen {

struct About {
  std::string url;  // without user and password
  std::string version;
  std::string date;                                        // RFC 3339, of the begin
  std::string host;                                        // the machine that sent the requests
  std::vector<std::pair<std::string, std::string>> given;  // the options of the command line, without secrets
};

}  // namespace dyno::loadgen
