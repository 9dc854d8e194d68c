// What somebody says of runs, and baselines, in the real dynod: acknowledged means that a kill -9 does not undo it.
#include <nlohmann/json.hpp>

#include "integration/app/dynod_process.h"

namespace dyno::app {
namespace {

using nlohmann::json;

class RunWords : public DynodProcess {
 protected:
  RunWords() {
    fs::create_directories(folder_ / "data");
    fs::copy_file(fs::path(DYNO_SOURCE_DIR) / "tests/data/db/schema_13.db", folder_ / "data/stackdyno.db");
    fs::permissions(folder_ / "data/stackdyno.db", fs::perms::owner_read | fs::perms::owner_write);
  }
  json body_of(const std::string& answer) const {
    const std::size_t at = answer.find("\r\n\r\n");
    EXPECT_NE(at, std::string::npos) << answer;
    return json::parse(answer.substr(at + 4), nullptr, false);
  }
  std::string send(const std::string& method, const std::string& path, const std::string& body) const {
    const api::RawClient client(port_);
    client.send(
        fmt::format("{} {} HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nContent-Type: application/json\r\nIf-Match: *\r\n"
                    "Content-Length: {}\r\nConnection: close\r\n\r\n{}",
                    method, path, port_, body.size(), body));
    return client.read_all();
  }
};

TEST_F(RunWords, OutlastAKill) {
  write("profiles/short.yaml", profile_of(1, "connections: 8, measure: 1s"));
  start();
  const json runs = body_of(get("/api/v1/runs"))["items"];
  ASSERT_EQ(runs.size(), 2U);
  const std::string newer = runs[0]["id"];
  const std::string older = runs[1]["id"];
  EXPECT_TRUE(runs[0].contains("verdicts")) << "summarised at the start";
  const std::string marked =
      send("PATCH", "/api/v1/runs/" + older, R"({"note":"first","tags":["x"],"pinned":true,"excluded":"hot"})");
  EXPECT_EQ(api::status_of(marked), 200) << marked;
  const std::string put = send("PUT", "/api/v1/baselines/main", R"({"ref":"latest"})");
  EXPECT_EQ(api::status_of(put), 412) << "there is none that If-Match could mean";
  const std::string made = post("/api/v1/baselines/main", R"({"ref":"latest"})");
  EXPECT_EQ(api::status_of(made), 405);
  const api::RawClient client(port_);
  const std::string body = R"({"ref":"latest"})";
  client.send(
      fmt::format("PUT /api/v1/baselines/main HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nContent-Type: application/json\r\n"
                  "Content-Length: {}\r\nConnection: close\r\n\r\n{}",
                  port_, body.size(), body));
  EXPECT_EQ(api::status_of(client.read_all()), 201);
  end(SIGKILL);
  start();
  EXPECT_EQ(body_of(get("/api/v1/runs/" + older)), body_of(marked));
  EXPECT_EQ(body_of(get("/api/v1/runs?excluded=true&tag=x&pinned=true"))["items"].size(), 1U);
  EXPECT_EQ(body_of(get("/api/v1/compare?a=baseline:main&b=latest"))["a"]["runs"], json::array({newer}));
  EXPECT_EQ(api::status_of(get("/api/v1/compare?a=latest~1&b=latest")), 404) << "nothing counts the older one";
}

}  // namespace
}  // namespace dyno::app
