// The engine adapter on a real engine, beyond the contract: builds, and the hardening as the kernel sees it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <thread>

#include "docker/docker_world.h"

namespace dyno::tests {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::StartsWith;

class EngineOnDocker : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!world_.why_not().empty()) GTEST_SKIP() << world_.why_not();
    std::string pattern = (fs::temp_directory_path() / "dyno-build-XXXXXX").string();
    folder_ = mkdtemp(pattern.data());
    fs::copy_file(built_program("docker_test_program"), folder_ / "program");
  }
  void TearDown() override {
    if (!folder_.empty()) fs::remove_all(folder_);
  }

  // The label comes first, so that even what a broken build leaves carries it.
  ports::BuildRequest request(const std::string& instructions) {
    std::ofstream(folder_ / "Dockerfile")
        << "FROM scratch\nLABEL stackdyno.instance=" << world_.instance() << "\nCOPY program /program\n"
        << instructions;
    ports::BuildRequest request;
    request.tag = "stackdyno/" + world_.instance() + ":built";
    request.labels = world_.labels();
    request.labels["stackdyno.role"] = "app";
    return request;
  }

  Result<ports::BuildOutcome> build(const ports::BuildRequest& request, const ports::BuildLog& log = {},
                                    std::stop_token stop = {}) {
    const auto context = world_.engine().pack_context(folder_.string(), "Dockerfile", stop);
    if (!context) return fail(context.error());
    return world_.engine().build_image(*context, request, log, stop);
  }

  DockerWorld world_;
  fs::path folder_;
};

TEST_F(EngineOnDocker, BuildsAnImage) {
  std::vector<std::string> lines;
  ports::BuildRequest wanted = request("ARG WORD\nLABEL word=$WORD\nENTRYPOINT [\"/program\"]\n");
  wanted.args = {{"WORD", "a value, with \"quotes\""}};
  const auto built = build(wanted, [&](const ports::BuildLine& line) { lines.emplace_back(line.text); });
  ASSERT_TRUE(built) << built.error().message;
  EXPECT_GT(built->duration, Nanos(0));
  EXPECT_THAT(lines, ::testing::Contains(StartsWith("Step 1/")));
  const auto image = world_.engine().inspect_image(wanted.tag);
  ASSERT_TRUE(image) << image.error().message;
  EXPECT_EQ(image->id, built->image_id);
  EXPECT_EQ(image->labels.at("stackdyno.role"), "app");
  EXPECT_GT(image->size.value, 100'000);
  const auto again = build(wanted);
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(again->image_id, built->image_id) << "the same context is the same image";
}

TEST_F(EngineOnDocker, NamesTheStepOfABrokenBuild) {
  const auto built = build(request("RUN [\"/program\", \"say\", \"out\", \"reason\"]\n"));
  ASSERT_FALSE(built);
  EXPECT_EQ(built.error().code, ErrorCode::invalid_argument);
  EXPECT_THAT(built.error().message, StartsWith("Step 4/"));
  EXPECT_THAT(built.error().message, HasSubstr("non-zero code: 3"));
  EXPECT_THAT(built.error().message, HasSubstr("\n  reason"));
  EXPECT_THAT(build(request("NONSENSE\n")).error().message, HasSubstr("NONSENSE"));
}

// Issue 14, row 19: what failed the build stands 400 lines before its end.
TEST_F(EngineOnDocker, Row19HandsOnEveryLineOfABrokenBuild) {
  std::vector<std::string> lines;
  std::string step;
  const auto built = build(request("RUN [\"/program\", \"say\", \"first\", \"the cause\", \"400\"]\n"),
                           [&](const ports::BuildLine& line) {
                             lines.emplace_back(line.text);
                             if (line.text == "the cause") step = line.step;
                           });
  ASSERT_FALSE(built);
  EXPECT_EQ(built.error().message.find("\n  the cause"), std::string::npos) << "beyond the last 20 lines";
  EXPECT_THAT(lines, ::testing::Contains("the cause"));
  EXPECT_THAT(step, StartsWith("Step 4/"));
  EXPECT_EQ(std::count(lines.begin(), lines.end(), "noise"), 400);
}

TEST_F(EngineOnDocker, CancelsABuild) {
  std::stop_source stop;
  const auto built = build(
      request("RUN [\"/program\", \"pause\"]\n"),
      [&](const ports::BuildLine& line) {
        if (line.text == "ready") stop.request_stop();
      },
      stop.get_token());
  ASSERT_FALSE(built);
  EXPECT_EQ(built.error().code, ErrorCode::cancelled) << built.error().message;
}

std::string status_of(std::int64_t pid, const std::string& key) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/status");
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with(key + ":")) return line.substr(line.find_first_not_of(" \t", key.size() + 1));
  }
  return "no such line";
}

TEST_F(EngineOnDocker, HardensAContainerAsTheKernelSeesIt) {
  ports::ContainerSpec spec = world_.spec("app", {"pause"});
  spec.cpuset = "0";
  const std::string id = world_.running(spec);
  const auto status = world_.engine().inspect_container(id);
  ASSERT_TRUE(status) << status.error().message;
  for (const char* const set : {"CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"})
    EXPECT_EQ(status_of(status->pid, set), "0000000000000000") << set;
  EXPECT_EQ(status_of(status->pid, "NoNewPrivs"), "1");
  EXPECT_EQ(status_of(status->pid, "Seccomp"), "2");
  EXPECT_EQ(status_of(status->pid, "Uid"), "65532\t65532\t65532\t65532");
  EXPECT_EQ(status_of(status->pid, "Cpus_allowed_list"), "0");
  std::ifstream mounts("/proc/" + std::to_string(status->pid) + "/mounts");
  std::string root;
  for (std::string line; std::getline(mounts, line);) {
    if (line.find(" / ") != std::string::npos) root = line;
  }
  EXPECT_THAT(root, HasSubstr(" ro,"));
}

std::string output_of(const std::string& command) {
  std::string text;
  FILE* const pipe = popen((command + " 2>/dev/null").c_str(), "r");
  std::array<char, 4096> part{};
  for (std::size_t got = 0; pipe != nullptr && (got = fread(part.data(), 1, part.size(), pipe)) > 0;)
    text.append(part.data(), got);
  if (pipe != nullptr) pclose(pipe);
  while (text.ends_with('\n')) text.pop_back();
  return text;
}

TEST_F(EngineOnDocker, Row33LeavesOutWhatDockerBuildLeavesOut) {
  if (output_of("docker version --format x").empty()) GTEST_SKIP() << "no docker program to compare with";
  fs::remove(folder_ / "program");
  const std::string label = "stackdyno.instance=" + world_.instance();
  std::ofstream(folder_ / "Dockerfile") << "FROM scratch\nLABEL " << label << "\nCOPY . /x/\n";
  for (const char* const name : {"always",
                                 ".env",
                                 "a.pyc",
                                 "a.pyx",
                                 "a.py",
                                 "file1.txt",
                                 "file12.txt",
                                 "file\u00e9.txt",
                                 "a*b",
                                 "axb",
                                 "#x",
                                 "!x",
                                 "src/.env",
                                 "src/deep/.git/config",
                                 "src/deep/x.txt",
                                 "src/a.pyc",
                                 "docs/a.md",
                                 "docs/keep/a.md",
                                 "README.md",
                                 "a/b/c",
                                 "ab",
                                 "[x]",
                                 "(a|b)",
                                 "a+b",
                                 "q.bx",
                                 "q.dx",
                                 "src/lib/one.js",
                                 "src/lib/two.ts"}) {
    fs::create_directories((folder_ / name).parent_path());
    std::ofstream(folder_ / name) << name;
  }
  const auto files_of = [&](const std::string& image) {
    const std::string container = output_of("docker create --label " + label + " " + image + " x");
    return output_of("docker export " + container + " | tar -t | grep ^x/ | LC_ALL=C sort");
  };
  for (const char* const rules :
       {"*.py[cod]\n", "*.py[^cod]\n", "file?.txt\n", "**/.?*\n", "a\\*b\n", "\\#x\n \\!x \n", "a**b\n",
        "**\n!always\n", "*\n!always\n!**/x.txt\n!src/lib\n", "docs\n!docs/keep\n", "*\n!always\n!src/**/*.js\n",
        "Dockerfile\n.dockerignore\n", "docs/**\n*.md\n!README.md\n", "/src//deep/\n../x\na/../ab\n",
        "\xef\xbb\xbf*.md\r\n# *.py\r\n", "q.[a-c]x\n[[]x]\n", "**/a.md\n!docs/keep/a.md\n", "a+b\n", ""}) {
    std::ofstream(folder_ / ".dockerignore") << rules;
    const std::string theirs = output_of("DOCKER_BUILDKIT=0 docker build -q " + folder_.string());
    ports::BuildRequest wanted;
    wanted.tag = "stackdyno/" + world_.instance() + ":built";
    wanted.labels = world_.labels();
    const auto ours = build(wanted);
    ASSERT_TRUE(ours) << rules << ": " << ours.error().message;
    ASSERT_NE(theirs, "") << rules;
    EXPECT_EQ(files_of(ours->image_id), files_of(theirs)) << rules;
  }
}

TEST_F(EngineOnDocker, Row29ABuildHasAMemoryLimit) {
  ports::BuildRequest wanted = request("RUN [\"/program\", \"hold\", \"64\"]\n");
  wanted.memory = mib(16);
  wanted.timeout = std::chrono::seconds(20);
  const auto built = build(wanted);
  ASSERT_FALSE(built);
  EXPECT_THAT(built.error().message, HasSubstr("non-zero code: 137"));
}

// What a base declares, no Dockerfile of ours can take away.
TEST_F(EngineOnDocker, Row27AVolumeOfTheImageIsMemoryWithALimit) {
  const auto built = build(request("VOLUME /data\nVOLUME [\"/more/deep/\"]\nENTRYPOINT [\"/program\"]\n"));
  ASSERT_TRUE(built) << built.error().message;
  ports::ContainerSpec spec = world_.spec("app", {"pause"});
  spec.image_id = built->image_id;
  const std::string id = world_.running(spec);
  const auto status = world_.engine().inspect_container(id);
  ASSERT_TRUE(status) << status.error().message;
  std::ifstream mounts("/proc/" + std::to_string(status->pid) + "/mounts");
  std::vector<std::string> lines;
  for (std::string line; std::getline(mounts, line);) {
    if (line.find(" /data ") != std::string::npos || line.find(" /more/deep ") != std::string::npos)
      lines.push_back(line);
  }
  EXPECT_THAT(lines, ::testing::SizeIs(2));
  for (const std::string& line : lines) {
    EXPECT_THAT(line, StartsWith("tmpfs "));
    for (const char* const option : {"nosuid", "nodev", "noexec", "size="}) EXPECT_THAT(line, HasSubstr(option));
  }
}

TEST_F(EngineOnDocker, ToldThatAContainerRanOutOfMemory) {
  ports::ContainerSpec spec = world_.spec("app", {"hold", "64"});
  spec.memory = mib(32);
  const auto id = world_.engine().create_container(spec);
  ASSERT_TRUE(id) << id.error().message;
  static_cast<void>(world_.engine().start_container(*id));
  const MonotonicTime deadline = world_.clock().now() + std::chrono::seconds(20);
  auto status = world_.engine().inspect_container(*id);
  while (status && status->state != "exited" && world_.clock().now() < deadline) {
    wait_for(world_.clock(), std::chrono::milliseconds(20), {});
    status = world_.engine().inspect_container(*id);
  }
  ASSERT_TRUE(status) << status.error().message;
  EXPECT_TRUE(status->oom_killed);
  EXPECT_EQ(status->exit_code, 137);
}

TEST_F(EngineOnDocker, GivesAFileReadOnly) {
  ports::ContainerSpec spec = world_.spec("app", {"pause"});
  spec.entrypoint = {"/shim"};
  spec.files = {{built_program("docker_test_program"), "/shim"}};
  const std::string id = world_.running(spec);
  const auto status = world_.engine().inspect_container(id);
  ASSERT_TRUE(status) << status.error().message;
  EXPECT_GT(status->pid, 0);
}

// Issue 14, rows 7 and 8: two containers share a network namespace, and of their output only the sandbox's counts.
TEST_F(EngineOnDocker, Row7And8TheStampComesBySandbox) {
  const std::string tag = "stackdyno/" + world_.instance() + ":sandbox";
  fs::copy_file(built_program("dyno-exec"), folder_ / "dyno-exec");
  const auto image = world_.engine().import_program((folder_ / "dyno-exec").string(), tag, world_.labels());
  ASSERT_TRUE(image) << image.error().message;
  ports::ContainerSpec sandbox = world_.spec("sandbox", {"pause"});
  sandbox.image_id = *image;
  sandbox.entrypoint = {"/dyno-exec"};
  const auto sandbox_id = world_.engine().create_container(sandbox);
  ASSERT_TRUE(sandbox_id) << sandbox_id.error().message;
  ASSERT_TRUE(world_.engine().start_container(*sandbox_id));
  ports::ContainerSpec app = world_.spec("app", {"/docker_test_program", "flood", "100"});
  app.entrypoint = {"/shim"};
  app.user = "10001:10001";
  app.files = {{(folder_ / "dyno-exec").string(), "/shim"}};
  app.network = ports::JoinContainer{*sandbox_id};
  const MonotonicTime before = world_.clock().now();
  const std::string app_id = world_.running(app);
  const MonotonicTime after = world_.clock().now();
  std::string said;
  while (said.empty() && world_.clock().now() < after + std::chrono::seconds(20))
    said = world_.engine().container_log(*sandbox_id, kib(4)).value_or("");
  long long stamp = 0;
  ASSERT_EQ(std::sscanf(said.c_str(), "stackdyno-exec monotonic_ns=%lld\n", &stamp), 1) << said;
  EXPECT_GE(stamp, to_ns(before));
  EXPECT_LE(stamp, to_ns(after));
  EXPECT_EQ(world_.engine().container_log(app_id, kib(200)).value_or("").find("stackdyno-exec"), std::string::npos);
}

}  // namespace
}  // namespace dyno::tests
