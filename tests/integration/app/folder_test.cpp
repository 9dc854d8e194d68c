// A folder of somebody's own, sent by the real dyno to the real dynod: kept, run, sent again, and refused.
#include <nlohmann/json.hpp>

#include "integration/app/dynod_process.h"
#include "integration/cli/program.h"
#include "stackfile/stack_folder.h"

namespace dyno::app {
namespace {

using cli::Ended;
using cli::Program;
using nlohmann::json;

class SentFolder : public DynodProcess {
 protected:
  void SetUp() override {
    write("profiles/short.yaml", profile_of(1, "connections: 8, measure: 1s"));
    describe("orders", "image: example/orders:1\nrun: {port: 8080}\n");
    put("data.csv", "id\n1\n");
    put(".git/config", "is not sent");
  }

  fs::path project() const { return folder_ / "project"; }
  void put(const std::string& path, const std::string& text) const {
    fs::create_directories((project() / path).parent_path());
    std::ofstream(project() / path, std::ios::binary) << text;
  }
  void describe(const std::string& name, const std::string& rest) const {
    put("stackdyno.yaml", "schema: stack/1\ncontract: own\nname: " + name + "\n" + rest);
  }
  Ended dyno(const std::vector<std::string>& arguments) const {
    return Program(std::string(DYNO_BIN_DIR) + "/dyno", arguments, fmt::format("http://127.0.0.1:{}", port_)).wait();
  }
  Ended send() const { return dyno({"run", project().string(), "--profile", "short", "--detach"}); }
  json ask(const std::string& path) const { return json::parse(api::body_of(get(path)), nullptr, false); }
  std::vector<std::string> kept() const {
    std::vector<std::string> names;
    std::error_code none;
    for (auto it = fs::directory_iterator(folder_ / "data/folders", none); !none && it != fs::directory_iterator();
         ++it)
      names.push_back(it->path().filename().string());
    return names;
  }
};

TEST_F(SentFolder, IsKeptByItsContentAndOutlivesTheDaemon) {
  start();
  const Ended sent = send();
  EXPECT_NE(sent.err.find("sent " + project().string() + " as orders"), std::string::npos) << sent.err << log();
  const json stack = ask("/api/v1/stacks/orders");
  EXPECT_EQ(stack["name"], "orders") << stack;
  ASSERT_EQ(kept().size(), 1U);
  const fs::path folder = folder_ / "data/folders" / kept().front();
  EXPECT_TRUE(fs::exists(folder / "data.csv"));
  EXPECT_FALSE(fs::exists(folder / ".git"));

  send();
  EXPECT_EQ(kept().size(), 1U) << "the same content is kept once";
  put("data.csv", "id\n2\n");
  send();
  EXPECT_EQ(kept().size(), 2U);
  EXPECT_NE(ask("/api/v1/stacks/orders")["hash"], stack["hash"]) << "the newest is the stack";

  end(SIGKILL);
  fs::create_directories(folder_ / "data/folders/.new-half-done/x");
  start();
  EXPECT_NE(ask("/api/v1/stacks/orders")["hash"], stack["hash"]);
  EXPECT_EQ(kept().size(), 2U) << "what was half done is gone";
}

TEST_F(SentFolder, IsRefusedWithFileLineAndKeyAndLeavesNothing) {
  start();
  struct Row {
    const char* rest;
    const char* words;
  };
  for (const auto& [rest, words] :
       {Row{"imag: x\n", "stackdyno.yaml:4"}, Row{"build: {dockerfile: ../Dockerfile}\n", "dockerfile"},
        Row{"build: {}\n", "Dockerfile does not exist"}}) {
    describe("orders", rest);
    const Ended refused = send();
    EXPECT_NE(refused.exit_code, 0) << rest;
    EXPECT_NE(refused.err.find(words), std::string::npos) << refused.err;
    EXPECT_EQ(refused.err.find(folder_.string() + "/data"), std::string::npos)
        << "no path of the daemon's: " << refused.err;
  }
  describe("orders", "image: example/orders:1\n");
  fs::create_symlink("/etc/passwd", project() / "link");
  const Ended link = send();
  EXPECT_NE(link.err.find("the link link leaves the folder: /etc/passwd"), std::string::npos) << link.err;
  fs::remove(project() / "link");
  fs::remove(project() / "stackdyno.yaml");
  EXPECT_NE(send().err.find("has no stackdyno.yaml: write one by `dyno init"), std::string::npos);
  EXPECT_TRUE(kept().empty());
  EXPECT_EQ(ask("/api/v1/stacks/orders")["status"], 404);
}

TEST_F(SentFolder, TakesNoNameOfTheDaemonsOwnStacks) {
  start();
  const json own = ask("/api/v1/stacks");
  ASSERT_FALSE(own["items"].empty()) << own;
  describe(own["items"][0]["name"], "image: example/orders:1\n");
  const Ended refused = send();
  EXPECT_NE(refused.err.find("is a stack of the daemon's own folders"), std::string::npos) << refused.err;
  EXPECT_TRUE(kept().empty());
}

TEST_F(SentFolder, HasTheNameThatItIsSentUnder) {
  start();
  const json begun = json::parse(api::body_of(post("/api/v1/folders")));
  const std::string at = "/api/v1/folders/" + begun["id"].get<std::string>();
  EXPECT_EQ(api::status_of(post(at + "/finish?name=Not%20A%20Name")), 400);
  EXPECT_EQ(api::status_of(post(at + "/finish")), 422) << "nothing came";
  EXPECT_EQ(api::status_of(post(at + "/finish")), 404) << "and it is forgotten";
  for (int i = 0; i < 4; ++i) EXPECT_EQ(api::status_of(post("/api/v1/folders")), 201);
  EXPECT_EQ(api::status_of(post("/api/v1/folders")), 503) << "so many at once";
}

// Each side has what git or the folder has, and both are asked by the file that the folder has now.
TEST_F(SentFolder, StandsBesideItselfAtAnotherRef) {
  const auto git = [this](std::vector<std::string> words) {
    words.insert(words.begin(), {"-C", project().string(), "-c", "user.name=n", "-c", "user.email=n@example.org"});
    return Program("/usr/bin/git", words).wait().exit_code;
  };
  fs::remove_all(project() / ".git");
  if (git({"init", "-q"}) != 0) GTEST_SKIP() << "GIT IS NOT INSTALLED";
  ASSERT_EQ(git({"add", "-A"}), 0);
  ASSERT_EQ(git({"commit", "-q", "-m", "one"}), 0);
  put("data.csv", "id\n2\n");
  describe("orders", "title: Asked\nimage: example/orders:1\nrun: {port: 8080}\n");
  start();
  const std::string folder = project().string();
  const Ended nowhere = dyno({"compare", folder + "@no-such-ref", folder});
  EXPECT_EQ(nowhere.exit_code, 3) << nowhere.err;
  EXPECT_NE(nowhere.err.find("no-such-ref"), std::string::npos) << nowhere.err;
  const Ended done = dyno({"compare", folder + "@HEAD", folder, "-p", "short", "--blocks", "1"});
  EXPECT_NE(done.err.find("orders@worktree against orders@head, block by block"), std::string::npos) << done.err;
  const auto content = [this](const std::string& side) {
    for (const std::string& name : kept()) {
      if (!name.starts_with("orders@" + side + "~")) continue;
      std::ostringstream text;
      text << std::ifstream(folder_ / "data/folders" / name / "data.csv").rdbuf();
      return text.str();
    }
    return std::string("not kept");
  };
  EXPECT_EQ(content("head"), "id\n1\n");
  EXPECT_EQ(content("worktree"), "id\n2\n");
  for (const char* const side : {"head", "worktree"})
    EXPECT_EQ(ask("/api/v1/stacks/orders@" + std::string(side))["title"], "Asked (" + std::string(side) + ")");
}

TEST(UploadName, IsReadBack) {
  const auto name =
      stackfile::parse_upload_folder_name(stackfile::upload_folder_name({"orders@main", 17, "0123456789ab"}));
  ASSERT_TRUE(name);
  EXPECT_EQ(name->stack, "orders@main");
  EXPECT_EQ(name->at_ms, 17);
  EXPECT_EQ(name->hash, "0123456789ab");
  for (const char* const other : {"", "orders", "a~b~c", "a~1", "~1~c", "a~1~", "a~1~b~c"})
    EXPECT_FALSE(stackfile::parse_upload_folder_name(other)) << other;
}

}  // namespace
}  // namespace dyno::app
