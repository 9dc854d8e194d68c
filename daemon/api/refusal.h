// Why a request is turned away before any handler sees it. Values only.
#pragma once

#include <string>

namespace dyno::api {

struct Refusal {
  int status = 400;
  std::string slug;    // of the problem type: /problems/<slug>
  std::string detail;  // a sentence; never echoes what was sent

  bool operator==(const Refusal&) const = default;
};

}  // namespace dyno::api
