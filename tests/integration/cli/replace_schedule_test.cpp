// `dyno schedule add --replace` against a server that answers by a script: it changes the version that it has read, and no other.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "fakes/scripted_server.h"
#include "program.h"

namespace dyno::cli {
namespace {

namespace fs = std::filesystem;

class ReplaceSchedule : public testing::Test {
 protected:
  ReplaceSchedule() {
    std::string folder = (fs::temp_directory_path() / "dyno-replace-XXXXXX").string();
    EXPECT_NE(mkdtemp(folder.data()), nullptr);
    folder_ = folder;
    std::ofstream(folder_ / "night.yaml") << "name: night\n";
  }
  ~ReplaceSchedule() override { fs::remove_all(folder_); }

  // One connection per request.
  Ended replace(const std::string& read, const std::string& changed) {
    fakes::ScriptedServer server({.script = [&](fakes::Talk& talk) {
      const std::string head = talk.request();
      if (head.empty()) return;
      heads_.push_back(head);
      talk.say(heads_.size() == 1 ? read : changed);
    }});
    return Program(std::string(DYNO_BIN_DIR) + "/dyno",
                   {"schedule", "add", "--replace", (folder_ / "night.yaml").string()},
                   fmt::format("http://127.0.0.1:{}", server.port()))
        .wait();
  }
  static std::string answer(const std::string& status, const std::string& headers, const std::string& body) {
    return fmt::format("HTTP/1.1 {}\r\n{}Connection: close\r\nContent-Length: {}\r\n\r\n{}", status, headers,
                       body.size(), body);
  }

  fs::path folder_;
  std::vector<std::string> heads_;
};

TEST_F(ReplaceSchedule, SendsTheTagThatItHasRead) {
  const Ended ended =
      replace(answer("200 OK", "ETag: \"v1-rest\"\r\n", "{}"), answer("200 OK", "ETag: \"v2-rest\"\r\n", "{}"));
  EXPECT_EQ(ended.exit_code, 0) << ended.err;
  EXPECT_NE(ended.err.find("night is replaced"), std::string::npos) << ended.err;
  ASSERT_EQ(heads_.size(), 2U);
  EXPECT_TRUE(heads_[0].starts_with("GET /api/v1/schedules/night ")) << heads_[0];
  EXPECT_TRUE(heads_[1].starts_with("PUT /api/v1/schedules/night ")) << heads_[1];
  EXPECT_NE(heads_[1].find("If-Match: \"v1-rest\"\r\n"), std::string::npos) << heads_[1];
}

TEST_F(ReplaceSchedule, SaysThatSomebodyElseWasFaster) {
  const Ended ended =
      replace(answer("200 OK", "ETag: \"v1-rest\"\r\n", "{}"),
              answer("412 Precondition Failed", "Content-Type: application/problem+json\r\n",
                     R"({"type":"/problems/precondition-failed","title":"It has been changed since","status":412,)"
                     R"("detail":"the schedule has been changed since","instance":"req-1"})"));
  EXPECT_NE(ended.exit_code, 0);
  EXPECT_NE(ended.err.find("night has just been changed by somebody else and is not replaced"), std::string::npos)
      << ended.err;
}

TEST_F(ReplaceSchedule, ChangesNothingThatItCouldNotRead) {
  const Ended ended = replace(answer("404 Not Found", "Content-Type: application/problem+json\r\n",
                                     R"({"type":"/problems/not-found","title":"Not found","status":404,)"
                                     R"("detail":"no schedule is called night","instance":"req-1"})"),
                              answer("200 OK", "", "{}"));
  EXPECT_EQ(ended.exit_code, 3) << ended.err;
  EXPECT_EQ(heads_.size(), 1U);
}

}  // namespace
}  // namespace dyno::cli
