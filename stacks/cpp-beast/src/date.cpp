#include "date.h"

#include <ctime>

std::string http_date() {
  // Formatted once a second by each thread: the header cannot say more than that.
  thread_local std::time_t second = -1;
  thread_local std::string text;
  const std::time_t now = std::time(nullptr);
  if (now != second) {
    std::tm parts{};
    gmtime_r(&now, &parts);
    char buffer[32];
    text.assign(buffer, std::strftime(buffer, sizeof buffer, "%a, %d %b %Y %H:%M:%S GMT", &parts));
    second = now;
  }
  return text;
}
