#include "docker/endpoint.h"

#include <gtest/gtest.h>

namespace dyno::docker {
namespace {

TEST(Endpoint, NamesAUnixSocket) {
  EXPECT_EQ(socket_path_of("").value(), "/var/run/docker.sock");
  EXPECT_EQ(socket_path_of("unix:///run/user/1000/docker.sock").value(), "/run/user/1000/docker.sock");
  EXPECT_EQ(socket_path_of("/tmp/d.sock").value(), "/tmp/d.sock");
}

TEST(Endpoint, RefusesEverythingElse) {
  for (const char* const host : {"tcp://127.0.0.1:2375", "ssh://node", "unix://relative.sock", "docker"}) {
    ASSERT_FALSE(socket_path_of(host)) << host;
    EXPECT_EQ(socket_path_of(host).error().code, ErrorCode::unsupported) << host;
  }
  EXPECT_FALSE(socket_path_of("unix:///" + std::string(108, 'x')));
}

}  // namespace
}  // namespace dyno::docker
