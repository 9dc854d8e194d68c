#include "runners/load/resolve.h"

#include <algorithm>
#include <cerrno>
#include <memory>

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netdb.h>

#include "base/text.h"
#include "runners/load/remarks.h"

namespace dyno::loadgen {

Result<std::vector<std::string>> addresses_of(const std::string& host) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int error = getaddrinfo(host.c_str(), nullptr, &hints, &found);
  if (error != 0) {
    std::string why = error == EAI_SYSTEM ? errno_words(errno) : gai_strerror(error);
    why.front() = lower(why.front());
    return fail(ErrorCode::not_found, fmt::format("no address for {}: {}", host, why));
  }
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> owner(found, &freeaddrinfo);
  std::vector<std::string> addresses;
  for (const addrinfo* one = found; one != nullptr; one = one->ai_next) {
    char text[INET6_ADDRSTRLEN] = {};
    const void* address = nullptr;
    if (one->ai_family == AF_INET) address = &reinterpret_cast<const sockaddr_in*>(one->ai_addr)->sin_addr;
    if (one->ai_family == AF_INET6) address = &reinterpret_cast<const sockaddr_in6*>(one->ai_addr)->sin6_addr;
    if (address == nullptr || inet_ntop(one->ai_family, address, text, sizeof text) == nullptr) continue;
    if (std::find(addresses.begin(), addresses.end(), text) == addresses.end()) addresses.emplace_back(text);
  }
  if (addresses.empty()) return fail(ErrorCode::not_found, fmt::format("no address for {}", host));
  return addresses;
}

}  // namespace dyno::loadgen
