#include "stackfile/catalog.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "problem_cases.h"

namespace dyno::stackfile {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// Folders of a daemon's configuration in a temporary place.
class CatalogTest : public testing::Test {
 protected:
  CatalogTest() {
    std::string name = fs::temp_directory_path() / "dyno-catalog-XXXXXX";
    root_ = mkdtemp(name.data());
    folders_ = {{root_ / "stacks"}, root_ / "profiles", root_ / "schedules"};
    write("stacks/node-good/stack.yaml", data_file("good_stack.yaml"));
    write("stacks/node-good/Dockerfile", "FROM scratch\n");
    write("profiles/good.yaml", data_file("good_profile.yaml"));
  }
  ~CatalogTest() override { fs::remove_all(root_); }

  void write(const std::string& path, const std::string& text) {
    fs::create_directories((root_ / path).parent_path());
    std::ofstream(root_ / path, std::ios::binary) << text;
  }

  void write_schedule(const std::string& stacks, const std::string& profile) {
    write("schedules/nightly.yaml", "schema: schedule/1\nname: nightly\nstacks: " + stacks + "\nprofile: " + profile +
                                        "\ncron: \"30 1 * * *\"\ntime_zone: UTC\n");
  }

  std::vector<std::string> problems() const {
    auto found = load_catalog(folders_).all_problems();
    for (auto& problem : found) {
      for (auto* text : {&problem.file, &problem.message}) {
        if (const auto at = text->find(root_.string()); at != std::string::npos)
          text->erase(at, root_.string().size() + 1);
      }
      problem.message = problem.file + ": " + problem.message;
    }
    return as_lines(found);
  }

  // The good stack, with another service.
  static std::string asking_for(const std::string& service) {
    std::string text = data_file("good_stack.yaml");
    return text.replace(text.find("{postgres:"), 10, "{" + service + ":");
  }

  void write_own(const std::string& name, const std::string& more) {
    write("stacks/" + name + "/stack.yaml", "schema: stack/1\ncontract: own\nname: " + name + "\n" + more);
  }

  void write_service(const std::string& folder, const std::string& more) {
    const std::string name = folder.substr(folder.rfind('/') + 1);
    write(folder + "/service.yaml", "schema: service/1\nname: " + name + "\n" + more);
  }

  std::string hash() const { return load_catalog(folders_).find_stack("node-good")->hash; }

  fs::path root_;
  CatalogFolders folders_;
};

TEST_F(CatalogTest, FindsWhatIsRight) {
  write_schedule("['node-*']", "good");
  const Catalog catalog = load_catalog(folders_);
  EXPECT_THAT(problems(), IsEmpty());
  ASSERT_NE(catalog.find_stack("node-good"), nullptr);
  EXPECT_EQ(catalog.find_stack("node-good")->folder, (root_ / "stacks/node-good").string());
  EXPECT_THAT(catalog.find_stack("node-good")->hash, testing::MatchesRegex("sha256:[0-9a-f]{64}"));
  EXPECT_NE(catalog.find_profile("good"), nullptr);
  EXPECT_NE(catalog.find_schedule("nightly"), nullptr);
  EXPECT_EQ(catalog.find_stack("other"), nullptr);
}

TEST_F(CatalogTest, SaysWhichServiceWasMeant) {
  folders_.services = root_ / "services";
  write_service("services/postgres", "image: postgres:18\nready: {port: 5432}\n");
  write("stacks/node-good/stack.yaml", asking_for("postgress"));
  EXPECT_THAT(problems(),
              ElementsAre("29:23 /services/postgress unknown_reference stacks/node-good/stack.yaml: no service is "
                          "called postgress; did you mean postgres?"));
  EXPECT_EQ(load_catalog(folders_).find_stack("node-good"), nullptr);
}

TEST_F(CatalogTest, AsksLittleOfAStackOfOnesOwn) {
  write_own("orders", "");
  write("stacks/orders/Dockerfile", "FROM scratch\nVOLUME /data\n");
  write_own("cache", "image: redis:7\n");
  EXPECT_THAT(problems(), IsEmpty());
  const Catalog catalog = load_catalog(folders_);
  ASSERT_NE(catalog.find_stack("orders"), nullptr);
  EXPECT_EQ(catalog.find_stack("orders")->readiness.path, "/");
  ASSERT_NE(catalog.find_stack("cache"), nullptr);
  EXPECT_EQ(catalog.find_stack("cache")->image, "redis:7");
}

TEST_F(CatalogTest, TakesServicesFromTheFolderOfAStackOfOnesOwnFirst) {
  folders_.services = root_ / "services";
  write("stacks/node-good/stack.yaml", asking_for("redis"));
  write_service("services/redis", "image: redis:6\nready: {port: 6379}\n");
  write_own("orders",
            "services: [redis, mail]\nvariants: [{name: orders+v, title: V, env: {A: b}}]\nimage: orders:1\n");
  write_own("baskets", "services: [redis]\nimage: baskets:1\n");
  write_service("stacks/orders/services/redis",
                "image: redis:7\nready: {port: 6379}\nfiles: [{from: redis.conf, to: /etc/redis.conf}]\n");
  write("stacks/orders/services/redis/redis.conf", "save ''\n");
  write_service("stacks/orders/services/mail", "image: mail:1\nready: {port: 25}\nreset: none\n");
  EXPECT_THAT(problems(), IsEmpty());
  const Catalog catalog = load_catalog(folders_);
  std::vector<std::string> names;
  for (const auto& service : catalog.services) names.push_back(service.value->name);
  EXPECT_THAT(names, ElementsAre("orders.mail", "orders.redis", "redis"));
  const auto asked = [&](const char* stack) {
    std::vector<std::string> all;
    for (const auto& [name, need] : catalog.find_stack(stack)->services) all.push_back(name);
    return all;
  };
  EXPECT_THAT(asked("orders"), ElementsAre("orders.mail", "orders.redis"));
  EXPECT_THAT(asked("orders+v"), ElementsAre("orders.mail", "orders.redis"));
  EXPECT_THAT(asked("baskets"), ElementsAre("redis"));
  EXPECT_EQ(model::host_name(*catalog.services[1].value), "redis");
}

TEST_F(CatalogTest, SaysWhatIsWrongInsideAStackOfOnesOwn) {
  folders_.services = root_ / "services";
  write_service("services/redis", "image: redis:6\nready: {port: 6379}\n");
  write("stacks/node-good/stack.yaml", asking_for("redis"));
  write_own("orders", "services: [redos, mail, db]\nimage: orders:1\n");
  write_service("stacks/orders/services/mail", "image: mail:1\nready: {prot: 25}\n");
  write_service("stacks/orders/services/db",
                "image: db:1\nready: {port: 25}\nfiles: [{from: seed.sql, to: /seed.sql}]\n");
  const auto found = problems();
  EXPECT_THAT(found, testing::Contains(
                         "4:11 /services unknown_reference stacks/orders/stack.yaml: no service is called redos; did "
                         "you mean redis?, and services/redos has no service.yaml"));
  EXPECT_THAT(found, testing::Contains(HasSubstr("its service mail cannot be used: see ")));
  EXPECT_THAT(found, testing::Contains("4:9 /ready/prot unknown_key stacks/orders/services/mail/service.yaml: unknown "
                                       "key prot; did you mean port?"));
  EXPECT_THAT(found,
              testing::Contains(HasSubstr(
                  "/files/0/from missing_file stacks/orders/services/db/service.yaml: seed.sql does not exist")));
  EXPECT_EQ(load_catalog(folders_).find_stack("orders"), nullptr);
  fs::create_symlink("/etc/passwd", root_ / "stacks/orders/services/db/seed.sql");
  EXPECT_THAT(problems(), testing::Contains(HasSubstr("services/db/seed.sql is a link out of the folder")));
}

TEST_F(CatalogTest, ListsEachVariantAsAStackOfItsOwn) {
  write("stacks/node-good/stack.yaml", data_file("good_stack.yaml") + R"(variants:
  - name: node-good@node-24
    title: Good on Node 24
    runtime_version: 24
    base: [{arg: RUN_IMAGE, image: "node:24-slim", stand_in: stackdyno/base-node-24}]
  - {name: node-good+fast, title: Good and fast, class: tuned, args: {FLAVOUR: fast}, env: {FAST: "1"}, driver: none}
)");
  write_schedule("['node-*@*', 'node-good+fast']", "good");
  const Catalog catalog = load_catalog(folders_);
  EXPECT_THAT(problems(), IsEmpty());
  std::vector<std::string> names;
  for (const auto& entry : catalog.stacks) names.push_back(entry.name);
  EXPECT_THAT(names, ElementsAre("node-good", "node-good+fast", "node-good@node-24"));

  const model::Stack& stack = *catalog.find_stack("node-good");
  const model::Stack& version = *catalog.find_stack("node-good@node-24");
  EXPECT_EQ(version.title, "Good on Node 24");
  EXPECT_EQ(version.variant_of, "node-good");
  EXPECT_EQ(version.runtime_version, "24");
  EXPECT_EQ(version.version, stack.version);
  EXPECT_EQ(version.stack_class, model::StackClass::production);
  EXPECT_EQ(version.build.base[0].image, "node:26-slim");
  EXPECT_EQ(version.build.base[1].image, "node:24-slim");
  EXPECT_EQ(version.hash, stack.hash);
  EXPECT_THAT(version.variants, IsEmpty());

  const model::Stack& fast = *catalog.find_stack("node-good+fast");
  EXPECT_EQ(fast.stack_class, model::StackClass::tuned);
  EXPECT_EQ(fast.build.args.at("FLAVOUR"), "fast");
  EXPECT_EQ(fast.run.env.at("FAST"), "1");
  EXPECT_EQ(fast.run.env.at("NODE_ENV"), "production");
  EXPECT_EQ(fast.metadata.driver, "none");
  EXPECT_FALSE(stack.run.env.contains("FAST"));
}

TEST_F(CatalogTest, FindsServicesAmongOtherFolders) {
  folders_.services = root_ / "services";
  write("stacks/node-good/stack.yaml", asking_for("good"));
  write("services/good/service.yaml", data_file("good_service.yaml"));
  write("services/good/Dockerfile", "FROM scratch\n");
  write("services/base/Dockerfile", "FROM scratch\n");
  write("services/broken/service.yaml", "schema: service/1\n");
  const Catalog catalog = load_catalog(folders_);
  ASSERT_EQ(catalog.services.size(), 2U);
  EXPECT_FALSE(catalog.services[0].value);
  EXPECT_EQ(catalog.services[0].name, "broken");
  ASSERT_TRUE(catalog.services[1].value);
  EXPECT_EQ(catalog.services[1].value->folder, (root_ / "services/good").string());
  EXPECT_THAT(catalog.services[1].value->hash, testing::StartsWith("sha256:"));
  EXPECT_THAT(problems(), testing::Each(HasSubstr("services/broken/service.yaml")));
}

TEST_F(CatalogTest, ListsABrokenFileWithItsProblems) {
  write("stacks/go-bad/stack.yaml", "schema: stack/1\n");
  write("profiles/bad.yaml", "{");
  const Catalog catalog = load_catalog(folders_);
  ASSERT_EQ(catalog.stacks.size(), 2U);
  EXPECT_EQ(catalog.stacks[0].name, "go-bad");
  EXPECT_FALSE(catalog.stacks[0].value.has_value());
  EXPECT_EQ(catalog.stacks[0].problems.size(), 16U);
  EXPECT_EQ(catalog.find_stack("go-bad"), nullptr);
  ASSERT_EQ(catalog.profiles.size(), 2U);
  EXPECT_FALSE(catalog.profiles[0].value.has_value());
}

TEST_F(CatalogTest, MissesTheDockerfile) {
  fs::remove(root_ / "stacks/node-good/Dockerfile");
  EXPECT_THAT(
      problems(),
      ElementsAre("13:15 /build/dockerfile missing_file stacks/node-good/stack.yaml: Dockerfile does not exist"));
}

TEST_F(CatalogTest, Row28NamesTheLineOfADockerfileThatReachesBeyond) {
  write("stacks/node-good/Dockerfile", "FROM scratch\nADD http://127.0.0.1:8080/ /x\nVOLUME /data\n");
  EXPECT_THAT(problems(), ElementsAre(testing::StartsWith("2:1 - fetched_file stacks/node-good/Dockerfile: ADD http"),
                                      testing::StartsWith("3:1 - volume stacks/node-good/Dockerfile: VOLUME")));
  EXPECT_EQ(load_catalog(folders_).find_stack("node-good"), nullptr);
}

TEST_F(CatalogTest, Row28OurOwnDockerfilesPass) {
  const std::string tree = DYNO_SOURCE_DIR;
  const Catalog catalog =
      load_catalog({{tree + "/stacks", tree + "/tests/data/stacks"}, tree + "/stacks/profiles", "", tree + "/compose"});
  for (const auto& problem : catalog.all_problems()) ADD_FAILURE() << problem.file << ": " << problem.message;
  EXPECT_GT(catalog.stacks.size(), 10U);
  EXPECT_FALSE(catalog.services.empty());
}

TEST_F(CatalogTest, Row21TellsWhatIsNoStackButLooksLikeOne) {
  write("stacks/a-yml/stack.yml", "schema: stack/1\n");
  write("stacks/b-yml/stack.yml", "schema: stack/1\n");
  write("stacks/b-yml/Dockerfile", "FROM scratch\n");
  fs::create_directories(root_ / "stacks/empty");
  fs::create_symlink("nowhere", root_ / "stacks/link");
  fs::create_directories(root_ / "stacks/dangling");
  fs::create_symlink("nowhere", root_ / "stacks/dangling/stack.yaml");
  write("stacks/README.md", "no stack");
  write("stacks/schema/order.json", "{}");
  EXPECT_THAT(problems(), ElementsAre("0:0 - wrong_name stacks/a-yml/stack.yml: rename it to stack.yaml",
                                      "0:0 - wrong_name stacks/b-yml/stack.yml: rename it to stack.yaml",
                                      "0:0 - dangling_link stacks/dangling/stack.yaml: the link leads to nothing",
                                      "0:0 - empty stacks/empty: the folder is empty: it has no stack.yaml",
                                      "0:0 - dangling_link stacks/link: the link leads to nothing"));
}

TEST_F(CatalogTest, Row26ALargeFolderIsRefusedBeforeItIsRead) {
  write("stacks/node-good/large", "");
  fs::resize_file(root_ / "stacks/node-good/large", 900U << 20U);
  EXPECT_THAT(problems(), ElementsAre(HasSubstr("the folder holds more than 512 MiB (large alone 900 MiB)")));
}

TEST_F(CatalogTest, MissesTheStackFileBesideADockerfile) {
  write("stacks/go-new/Dockerfile", "FROM scratch\n");
  write("stacks/schema/order.json", "{}");
  EXPECT_THAT(
      problems(),
      ElementsAre("0:0 - missing_file stacks/go-new/stack.yaml: cannot read stacks/go-new/stack.yaml: no such file"));
}

TEST_F(CatalogTest, RefusesLinksThatLeaveTheFolder) {
  write("secret", "x");
  fs::create_symlink("../../secret", root_ / "stacks/node-good/data");
  EXPECT_THAT(problems(),
              ElementsAre("0:0 - bad_folder stacks/node-good/stack.yaml: data is a link out of the folder"));
}

TEST_F(CatalogTest, RefusesADockerfileThatIsALinkOutside) {
  write("secret", "x");
  fs::remove(root_ / "stacks/node-good/Dockerfile");
  fs::create_symlink("../../secret", root_ / "stacks/node-good/Dockerfile");
  EXPECT_THAT(
      problems(),
      testing::Contains(HasSubstr(
          "/build/dockerfile missing_file stacks/node-good/stack.yaml: Dockerfile is outside the stack's folder")));
}

TEST_F(CatalogTest, RefusesWhatIsNeitherFileNorFolder) {
  ASSERT_EQ(mkfifo((root_ / "stacks/node-good/pipe").c_str(), 0600), 0);
  EXPECT_THAT(problems(),
              ElementsAre("0:0 - bad_folder stacks/node-good/stack.yaml: pipe is neither a file, a folder nor a link"));
}

TEST_F(CatalogTest, HashesNamesBytesAndExecutableBits) {
  const std::string first = hash();
  EXPECT_EQ(hash(), first);
  write("stacks/node-good/src/a.js", "1");
  const std::string second = hash();
  EXPECT_NE(second, first);
  write("stacks/node-good/src/a.js", "2");
  const std::string third = hash();
  EXPECT_NE(third, second);
  fs::rename(root_ / "stacks/node-good/src/a.js", root_ / "stacks/node-good/src/b.js");
  const std::string fourth = hash();
  EXPECT_NE(fourth, third);
  fs::permissions(root_ / "stacks/node-good/src/b.js", fs::perms::owner_exec, fs::perm_options::add);
  EXPECT_NE(hash(), fourth);
  fs::create_symlink("b.js", root_ / "stacks/node-good/src/c.js");
  EXPECT_NE(hash(), fourth);
}

TEST_F(CatalogTest, ScheduleMustNameWhatExists) {
  write_schedule("[node-godo, 'py*']", "goood");
  EXPECT_THAT(
      problems(),
      ElementsAre(
          "3:10 /stacks/0 unknown_reference schedules/nightly.yaml: no stack is called node-godo; did you mean "
          "node-good?",
          "3:21 /stacks/1 unknown_reference schedules/nightly.yaml: no stack is called py*",
          "4:10 /profile unknown_reference schedules/nightly.yaml: no profile is called goood; did you mean good?"));
}

TEST_F(CatalogTest, KeepsTheFirstOfTwoStacksOfOneName) {
  folders_.stacks.push_back(root_ / "more");
  write("more/node-good/stack.yaml", data_file("good_stack.yaml"));
  write("more/node-good/Dockerfile", "FROM scratch\n");
  const Catalog catalog = load_catalog(folders_);
  EXPECT_EQ(catalog.stacks.size(), 2U);
  EXPECT_EQ(catalog.find_stack("node-good")->folder, (root_ / "stacks/node-good").string());
  EXPECT_THAT(
      problems(),
      ElementsAre(
          "0:0 - repeated more/node-good/stack.yaml: a stack of this name is in stacks/node-good/stack.yaml already"));
}

TEST_F(CatalogTest, SaysWhichFolderCannotBeRead) {
  folders_.profiles = root_ / "nowhere";
  EXPECT_THAT(problems(), ElementsAre("0:0 - unreadable nowhere: cannot read the folder: No such file or directory"));
}

TEST_F(CatalogTest, SaysThatYmlIsNotRead) {
  write("profiles/other.yml", "x");
  EXPECT_THAT(problems(),
              ElementsAre("0:0 - wrong_name profiles/other.yml: rename it to .yaml; .yml files are ignored"));
}

TEST_F(CatalogTest, HolderKeepsWhatWasTakenAndShowsWhatIsNew) {
  CatalogHolder holder(folders_);
  const auto before = holder.current();
  write("profiles/second.yaml", "{");
  EXPECT_EQ(holder.current(), before);
  EXPECT_EQ(holder.rescan().size(), 1U);
  EXPECT_EQ(before->profiles.size(), 1U);
  EXPECT_EQ(holder.current()->profiles.size(), 2U);
}

// What the project ships must load without a complaint.
TEST(OwnFiles, HaveNoProblem) {
  const std::string root = DYNO_SOURCE_DIR;
  const Catalog catalog =
      load_catalog({{root + "/stacks"}, root + "/stacks/profiles", root + "/compose/schedules", root + "/compose"});
  EXPECT_THAT(as_lines(catalog.all_problems()), IsEmpty());
  EXPECT_GE(catalog.stacks.size(), 4U);
  EXPECT_NE(catalog.find_profile("quick"), nullptr);
  // Every service that a stack asks for is described.
  for (const auto& stack : catalog.stacks) {
    for (const auto& [name, need] : stack.value->services)
      EXPECT_TRUE(std::any_of(catalog.services.begin(), catalog.services.end(),
                              [&wanted = name](const auto& s) { return s.name == wanted; }))
          << stack.name << " " << name;
  }
}

}  // namespace
}  // namespace dyno::stackfile
