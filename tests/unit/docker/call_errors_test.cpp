#include "docker/docker_client.h"

#include <gtest/gtest.h>

namespace dyno::docker {
namespace {

TEST(CallErrors, FollowTheStatus) {
  struct Row {
    int status;
    ErrorCode code;
  };
  const Row rows[] = {{400, ErrorCode::invalid_argument},
                      {403, ErrorCode::conflict},
                      {404, ErrorCode::not_found},
                      {409, ErrorCode::conflict},
                      {500, ErrorCode::io},
                      {503, ErrorCode::unavailable},
                      {418, ErrorCode::io}};
  for (const Row& row : rows)
    EXPECT_EQ(answer_error({row.status, "", "{\"message\":\"why\"}"}), (Error{row.code, "why"})) << row.status;
}

TEST(CallErrors, TakeAnAnswerOfAnyForm) {
  EXPECT_EQ(answer_error({400, "", "client version 1.2 is too old\n"}).message, "client version 1.2 is too old");
  EXPECT_EQ(answer_error({500, "", ""}).message, "no reason given");
  EXPECT_EQ(answer_error({500, "", "{}"}).message, "{}");
}

TEST(CallErrors, ABodyIsGoodOnlyWithin2xx) {
  EXPECT_EQ(good_body(HttpResponse{204, "", ""}).value(), "");
  EXPECT_EQ(good_body(HttpResponse{304, "", ""}).error().code, ErrorCode::io);
  EXPECT_EQ(good_body(tl::unexpected(TransportError{{ErrorCode::timed_out, "late"}, true})).error().code,
            ErrorCode::timed_out);
}

}  // namespace
}  // namespace dyno::docker
