// For tests of a load in this process: each runs over both transports.
#pragma once

#include <gtest/gtest.h>

#include <string>

#include "runners/load/transport/transport.h"

namespace dyno::loadgen {

class OverTransports : public testing::TestWithParam<TransportKind> {
 protected:
  void SetUp() override {
    if (!make_transport(spec_of(1), 1)) GTEST_SKIP() << "this kernel offers no io_uring: NOT TESTED";
  }

  // Of a server on this host; without requests.
  static LoadSpec spec_of(int port) {
    LoadSpec spec;
    spec.target = {"127.0.0.1", port, ""};
    spec.transport = GetParam();
    return spec;
  }
};

inline const auto kTransports = testing::Values(TransportKind::epoll, TransportKind::io_uring);
inline std::string transport_name(const testing::TestParamInfo<TransportKind>& tested) {
  return tested.param == TransportKind::epoll ? "epoll" : "io_uring";
}

}  // namespace dyno::loadgen
