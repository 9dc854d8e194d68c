// A stack of one's own in the real dynod: what REST shows of it and of its problems, and that an engine which has no image for it is
// told with file and key. The engine is one on the wire.
#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "integration/app/dynod_process.h"

namespace dyno::app {
namespace {

using nlohmann::json;
using testing::HasSubstr;

constexpr auto kOrders = R"(schema: stack/1
contract: own
name: orders
image: shop/orders:1
run: {port: 3000, writable: true, tmpfs: [{path: /data, size: 8MiB}]}
readiness: {pattern: "listening on \\d+"}
services: [redis]
)";

class OwnStack : public DynodProcess {
 protected:
  OwnStack() {
    write("stacks/orders/stack.yaml", kOrders);
    write("stacks/orders/services/redis/service.yaml",
          "schema: service/1\nname: redis\nimage: redis:8\nready: {port: 6379}\n");
    write("profiles/short.yaml",
          "schema: profile/1\nname: short\npurpose: Start-up alone.\nblocks: 1\n"
          "warm_up: {kind: fixed, each: 200ms}\nphases: []\n");
  }
  json body_of(const std::string& path) const {
    const std::string answer = get(path);
    return json::parse(answer.substr(std::min(answer.find("\r\n\r\n") + 4, answer.size())), nullptr, false);
  }
  std::string run_orders() const {
    const std::string answer = post("/api/v1/runs", R"({"stacks":["orders"],"profile":"short","seed":"7"})");
    EXPECT_EQ(api::status_of(answer), 202) << answer;
    const std::size_t at = answer.find("/api/v1/runs/");
    return at == std::string::npos ? "" : answer.substr(at + 13, 36);
  }
};

TEST_F(OwnStack, IsShownWithWhatItMayDo) {
  write("stacks/baskets/stack.yaml", "schema: stack/1\ncontract: own\nname: baskets\nimage: b:1\nprivileged: true\n");
  start();
  const json shown = body_of("/api/v1/stacks/orders");
  EXPECT_EQ(shown["contract"], "own");
  EXPECT_EQ(shown["title"], "orders");
  EXPECT_EQ(shown["build"]["image"], "shop/orders:1");
  EXPECT_EQ(shown["hardened"], false);
  EXPECT_EQ(shown["why_not_hardened"], "its root file system is writable; it runs as the image's user");
  EXPECT_EQ(shown["run"]["tmpfs"][0], json::parse(R"({"path":"/data","size_bytes":8388608})"));
  EXPECT_EQ(shown["readiness"]["by"], "log");
  EXPECT_EQ(shown["services"][0]["name"], "orders.redis");
  const json all = body_of("/api/v1/stacks");
  EXPECT_THAT(all["problems"].dump(), HasSubstr("unknown key privileged; known here: "));
  EXPECT_TRUE(body_of("/api/v1/schema/stack.json").contains("then"));
  const std::string csv = get("/api/v1/stacks?format=csv");
  EXPECT_THAT(csv, HasSubstr("contract,hardened"));
}

TEST_F(OwnStack, HasWorkloadsThatOnlyAProfileOfOwnPhasesAsksFor) {
  write("stacks/orders/stack.yaml",
        std::string(kOrders) +
            "workloads:\n  list: {path: \"/orders/{1..9}\", expect: {json: {/id: {type: integer}}}}\n"
            "workload_files: [load/buy.yaml]\nshared_workloads: [common]\n");
  write("stacks/orders/load/buy.yaml",
        "schema: workload/1\nworkloads:\n  buy:\n    table: users.csv\n    session:\n"
        "      - {path: \"/login/{user}\", take: {token: /token}}\n      - {path: \"/cart/{token}\"}\n");
  write("stacks/orders/users.csv", "user\nann\n");
  write("stacks/workloads/common.yaml", "schema: workload/1\nworkloads:\n  alive: {path: /healthz}\n");
  write("stacks/broken/stack.yaml",
        "schema: stack/1\ncontract: own\nname: broken\nimage: b:1\nworkload_files: [w.yaml]\n");
  write("stacks/broken/w.yaml", "schema: workload/1\nworkloads:\n  w: {path: \"/{nobody}\"}\n");
  const std::string warm_up = "blocks: 1\nwarm_up: {kind: fixed, each: 200ms}\nphases:\n";
  write("profiles/own.yaml",
        "schema: profile/1\nname: own\npurpose: Own.\n" + warm_up +
            "  - {workload: own/*, loop: closed, connections: 4, measure: 200ms, as: cap}\n"
            "  - {workload: own/*, loop: open, rate: 30% of cap, connections: 4, measure: 200ms}\n");
  write("profiles/json.yaml", "schema: profile/1\nname: json\npurpose: Contract.\n" + warm_up +
                                  "  - {workload: json, loop: closed, connections: 4, measure: 200ms}\n");
  start();
  EXPECT_EQ(body_of("/api/v1/stacks/orders")["workloads"], json::parse(R"(["list","buy","alive"])"));
  const std::string problems = body_of("/api/v1/stacks")["problems"].dump();
  EXPECT_THAT(problems, HasSubstr("broken/w.yaml"));
  EXPECT_THAT(problems, HasSubstr("{nobody} stands for nothing"));
  EXPECT_TRUE(body_of("/api/v1/schema/workload.json")["properties"].contains("workloads"));
  const std::string refused = post("/api/v1/runs", R"({"stacks":["orders"],"profile":"json"})");
  EXPECT_THAT(refused, HasSubstr("orders offers no workload of profile json: it has workloads of its own"));
  EXPECT_EQ(api::status_of(post("/api/v1/runs", R"({"stacks":["orders"],"profile":"own"})")), 202);
}

TEST_F(OwnStack, ThatHasNoImageSaysWhereItWasNamed) {
  engine_.add_fault({.pattern = "GET /images/shop", .lie = {404, R"({"message":"No such image: shop/orders:1"})"}});
  engine_.add_fault({.pattern = "POST /images/create?fromImage=shop/orders&tag=1",
                     .lie = {500, R"({"message":"Get \"https://registry.example/v2/\": no such host"})"}});
  give_images();
  start();
  const std::string run = run_orders();
  ASSERT_TRUE(await([&] { return has_ended(run); })) << log();
  const json shown = body_of("/api/v1/runs/" + run);
  EXPECT_EQ(shown["state"], "failed");
  EXPECT_THAT(
      shown["stacks"][0].value("failure", ""),
      HasSubstr("image_missing: the image shop/orders:1 (image in its stack.yaml): it is not on this machine, and "
                "pulling it failed: Get \"https://registry.example/v2/\": no such host"));
}

}  // namespace
}  // namespace dyno::app
