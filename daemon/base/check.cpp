#include "base/check.h"

#include <cstdio>
#include <cstdlib>

namespace dyno {

void check_failed(std::string_view condition, std::string_view why, const char* file, int line) {
  std::fprintf(stderr, "%s:%d: CHECK(%.*s) failed: %.*s\n", file, line, static_cast<int>(condition.size()),
               condition.data(), static_cast<int>(why.size()), why.data());
  std::abort();
}

}  // namespace dyno
