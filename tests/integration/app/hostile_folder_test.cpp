// Folders that want more than they may have, on both ways in: among the daemon's own stacks, and sent by the real dyno. Each is refused
// with file, line and key where a file says it, and nothing of it is kept.
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <nlohmann/json.hpp>

#include "archive/tar_writer.h"
#include "integration/app/dynod_process.h"
#include "integration/cli/program.h"

namespace dyno::app {
namespace {

using cli::Ended;
using cli::Program;
using nlohmann::json;

constexpr auto kImage = "image: example/x:1\nrun: {port: 80}\n";
constexpr auto kBuild = "run: {port: 80}\n";

struct Hostile {
  std::string name;
  std::string text;                                          // of its stack.yaml, from the fourth line on
  std::string file;                                          // what is said of it in the daemon's folders: where,
  std::string words;                                         // and why
  std::string sent{};                                        // when it is sent, where that is told otherwise
  std::function<void(const fs::path& folder)> prepare = {};  // what else lies in it
};

std::function<void(const fs::path&)> link(const std::string& name, const std::string& target) {
  return [=](const fs::path& folder) {
    fs::create_directories((folder / name).parent_path());
    fs::create_symlink(target, folder / name);
  };
}
std::function<void(const fs::path&)> text(const std::string& name, const std::string& content) {
  return [=](const fs::path& folder) {
    fs::create_directories((folder / name).parent_path());
    std::ofstream(folder / name) << content;
  };
}

void put_socket(const fs::path& folder) {
  const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string path = (folder / "s").string();
  ASSERT_LT(path.size(), sizeof address.sun_path);
  path.copy(address.sun_path, path.size());
  EXPECT_EQ(::bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  ::close(fd);
}

std::string workload(const std::string& rest) { return kImage + ("workloads:\n  all:\n    path: /\n" + rest); }
std::string service(const std::string& rest) {
  return "schema: service/1\nname: db\nimage: x:1\nready: {port: 1}\n" + rest;
}
std::string many_workloads() {
  std::string all = std::string(kImage) + "workloads:\n";
  for (int i = 0; i < 10'000; ++i) all += fmt::format("  w{}: {{path: /{}}}\n", i, i);
  return all;
}

std::vector<Hostile> paths_out() {
  constexpr auto kOutside = "must be a path that stays inside the stack's folder";
  return {
      {"dockerfile-out", "build: {dockerfile: ../Dockerfile}\n", "stack.yaml:4:21", kOutside},
      {"context-out", "build: {context: ../..}\n", "stack.yaml:4:18", kOutside},
      {"context-absolute", "build: {context: /etc}\n", "stack.yaml:4:18", kOutside},
      {"body-out", workload("    method: POST\n    body: {file: ../../x}\n"), "stack.yaml:10:18", kOutside},
      {"body-absolute", workload("    method: POST\n    body: {file: /etc/passwd}\n"), "stack.yaml:10:18", kOutside},
      {"table-out", workload("    table: ../x.csv\n"), "stack.yaml:9:12", kOutside},
      {"workloads-out", kImage + std::string("workload_files: [../x.yaml]\n"), "stack.yaml:6:18", kOutside},
      {"tmpfs-up", "image: x:1\nrun: {tmpfs: [{path: /a/../../etc, size: 1MiB}]}\n", "stack.yaml:5:22",
       "must be written without"},
      {"tmpfs-proc", "image: x:1\nrun: {tmpfs: [{path: /proc, size: 1MiB}]}\n", "stack.yaml:5:22", "path /proc"},
      {"service-out", kImage + std::string("services: [db]\n"), "services/db/service.yaml:5:16", kOutside, "",
       text("services/db/service.yaml", service("files: [{from: ../../stack.yaml, to: /x}]\n"))},
      {"elsewhere", workload("").replace(workload("").find("path: /"), 7, "path: http://10.0.0.1/"), "stack.yaml:8:11",
       "must be a path such as"},
  };
}

std::vector<Hostile> links_out() {
  return {
      {"link-absolute", kImage, "stack.yaml", "l is a link out of the folder", "the link l leaves the folder: /etc",
       link("l", "/etc/passwd")},
      {"link-up", kImage, "stack.yaml", "l is a link out of the folder", "the link l leaves the folder: ../",
       link("l", "../other")},
      // Each by itself stays inside.
      {"link-chain", kImage, "stack.yaml", "is a link out of the folder", "",
       [](const fs::path& folder) {
         link("d/up", "..")(folder);
         link("l", "d/up/../x")(folder);
       }},
      {"link-body", workload("    method: POST\n    body: {file: l}\n"), "stack.yaml:10:18",
       "l is outside the stack's folder", "the link l leaves the folder", link("l", "/etc/passwd")},
      {"link-dockerfile", kBuild, "stack.yaml", "Dockerfile is outside the stack's folder",
       "the link Dockerfile leaves the folder", link("Dockerfile", "/etc/passwd")},
      {"link-service", kImage + std::string("services: [db]\n"), "stack.yaml",
       "services/db is a link out of the folder", "the link services/db leaves the folder",
       link("services/db", "/etc")},
      {"link-of-service", kImage + std::string("services: [db]\n"), "stack.yaml",
       "services/db/l is a link out of the folder", "the link services/db/l leaves the folder",
       [](const fs::path& folder) {
         text("services/db/service.yaml", service("files: [{from: l, to: /x}]\n"))(folder);
         link("services/db/l", "/etc/passwd")(folder);
       }},
  };
}

std::vector<Hostile> powers() {
  return {
      {"privileged", kImage + std::string("privileged: true\n"), "stack.yaml:6:1", "unknown key privileged"},
      {"run-privileged", "image: x:1\nrun: {port: 80, privileged: true}\n", "stack.yaml:5:17",
       "unknown key privileged"},
      {"engine-socket", "image: x:1\nrun: {port: 80, volumes: [/var/run/docker.sock]}\n", "stack.yaml:5:17",
       "unknown key volumes"},
      {"host-network", "image: x:1\nrun: {port: 80, network: host}\n", "stack.yaml:5:17", "unknown key network"},
      {"build-on-host", "build: {network: host}\n", "stack.yaml:4:18", "it must be none | packages"},
      {"service-privileged", kImage + std::string("services: [db]\n"), "services/db/service.yaml:5:1",
       "unknown key privileged", "", text("services/db/service.yaml", service("privileged: true\n"))},
      {"option-as-image", "image: '--privileged'\nrun: {port: 80}\n", "stack.yaml:4:8", "must be an image name"},
      {"two-lines", "image: x:1\nrun: {port: 80, env: {A: \"1\\n2\"}}\n", "stack.yaml:5:26",
       "must be one line of text"},
      {"two-headers", workload("    headers: {X: \"a\\r\\nHost: b\"}\n"), "stack.yaml:9:18",
       "must be one line of text"},
  };
}

std::vector<Hostile> too_much() {
  return {
      {"many-workloads", many_workloads(), "stack.yaml:1007:3", "more than 1000 keys in one map"},
      {"deep", std::string("title: ") + std::string(5000, '[') + std::string(5000, ']') + "\n", "stack.yaml:4:39",
       "nested deeper than 32 levels"},
      {"anchors", "x: &a [1]\ny: [*a, *a]\n", "stack.yaml:4:4", "anchors are not allowed"},
      {"huge-file", "notes: " + std::string(300'000, 'x') + "\n", "stack.yaml", "has more than 262144 bytes"},
      {"huge-pattern", workload("    expect: {matches: '(a{1,1000}){1,1000}'}\n"), "stack.yaml:9:23",
       "is no regular expression"},
      {"huge-content", kImage, "stack.yaml", "the folder holds more than 512 MiB",
       "the files are larger than 512 MiB together",
       [](const fs::path& folder) {
         text("big", "x")(folder);
         fs::resize_file(folder / "big", std::uintmax_t{600} << 20U);
       }},
      {"socket", kImage, "stack.yaml", "s is neither a file, a folder nor a link", "s is neither file, folder nor link",
       put_socket},
      {"pipe", kImage, "stack.yaml", "f is neither a file, a folder nor a link", "f is neither file, folder nor link",
       [](const fs::path& folder) { EXPECT_EQ(::mkfifo((folder / "f").c_str(), 0600), 0); }},
  };
}

struct Kind {
  const char* name;
  std::vector<Hostile> (*rows)();
};
void PrintTo(const Kind& kind, std::ostream* out) { *out << kind.name; }

class HostileFolder : public DynodProcess, public testing::WithParamInterface<Kind> {
 protected:
  static void make(const fs::path& folder, const Hostile& hostile) {
    fs::create_directories(folder);
    std::ofstream(folder / "stack.yaml") << fmt::format("schema: stack/1\ncontract: own\nname: {}\n{}", hostile.name,
                                                        hostile.text);
    if (hostile.text.find("image:") == std::string::npos && !fs::exists(folder / "Dockerfile") &&
        hostile.name != "link-dockerfile")
      std::ofstream(folder / "Dockerfile") << "FROM x\n";
    if (hostile.prepare) hostile.prepare(folder);
  }
  std::string kept() const {
    std::string names;
    std::error_code none;
    for (auto it = fs::directory_iterator(folder_ / "data/folders", none); !none && it != fs::directory_iterator();
         ++it)
      names += it->path().filename().string() + " ";
    return names;
  }
  // "file:line:column: message" of all problems that the catalogue tells.
  std::vector<std::string> problems() const {
    std::vector<std::string> all;
    const json stacks = json::parse(api::body_of(get("/api/v1/stacks")));
    for (const json& one : stacks["problems"]) {
      const std::string place =
          one.contains("line") ? fmt::format(":{}:{}", one.value("line", 0), one.value("column", 0)) : "";
      all.push_back(fmt::format("{}{}: {}", one.value("file", ""), place, one.value("detail", "")));
    }
    return all;
  }
};

TEST_P(HostileFolder, IsRefusedAmongTheDaemonsOwn) {
  for (const Hostile& hostile : GetParam().rows()) make(folder_ / "stacks" / hostile.name, hostile);
  start();
  const std::vector<std::string> told = problems();
  for (const Hostile& hostile : GetParam().rows()) {
    const std::string place = (folder_ / "stacks" / hostile.name / hostile.file).string();
    EXPECT_TRUE(std::any_of(
        told.begin(), told.end(),
        [&](const std::string& one) { return one.starts_with(place) && one.find(hostile.words) != std::string::npos; }))
        << place << ": " << hostile.words << "\n"
        << fmt::format("{}", fmt::join(told, "\n"));
    EXPECT_EQ(api::status_of(get("/api/v1/stacks/" + hostile.name)), 422) << hostile.name;
  }
}

TEST_P(HostileFolder, IsRefusedWhenItIsSent) {
  start();
  for (const Hostile& hostile : GetParam().rows()) {
    const fs::path folder = folder_ / "sent" / hostile.name;
    make(folder, hostile);
    const Ended refused = Program(std::string(DYNO_BIN_DIR) + "/dyno", {"run", folder.string(), "--detach"},
                                  fmt::format("http://127.0.0.1:{}", port_))
                              .wait();
    EXPECT_NE(refused.exit_code, 0) << hostile.name;
    // What dyno itself refuses to send has no line of a file.
    const std::string words = hostile.sent.empty() ? hostile.words : hostile.sent;
    EXPECT_NE(refused.err.find(words), std::string::npos) << hostile.name << ": " << words << "\n" << refused.err;
    if (hostile.sent.empty()) {
      EXPECT_NE(refused.err.find(hostile.file), std::string::npos) << hostile.file << "\n" << refused.err;
    }
    EXPECT_EQ(refused.err.find((folder_ / "data").string()), std::string::npos) << refused.err;
    EXPECT_EQ(kept(), "") << hostile.name;
  }
}

INSTANTIATE_TEST_SUITE_P(Kinds, HostileFolder,
                         testing::Values(Kind{"PathsOut", paths_out}, Kind{"LinksOut", links_out},
                                         Kind{"Powers", powers}, Kind{"TooMuch", too_much}),
                         [](const auto& kind) { return std::string(kind.param.name); });

class HostileArchive : public DynodProcess {
 protected:
  std::string put(const std::string& path, const std::string& bytes) const {
    const api::RawClient client(port_);
    client.send(
        fmt::format("PUT {} HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nContent-Type: application/octet-stream\r\n"
                    "Content-Length: {}\r\nConnection: close\r\n\r\n{}",
                    path, port_, bytes.size(), bytes));
    return client.read_all();
  }
};

// dyno packs none of these; somebody else's program may.
TEST_F(HostileArchive, IsRefusedAndWritesNowhereElse) {
  start();
  constexpr auto kFile = std::filesystem::file_type::regular;
  constexpr auto kLink = std::filesystem::file_type::symlink;
  struct Row {
    archive::Entry entry;
    const char* target;
    const char* words;
  };
  const std::string above = (folder_ / "x").string();
  for (const auto& [entry, target, words] :
       {Row{{"../../x", kFile}, "", "leads out of the folder"}, Row{{above, kFile}, "", "has an absolute path"},
        Row{{"l", kLink}, "/etc", "l is a link that leaves the folder: /etc"},
        Row{{"a/../../x", kFile}, "", "leads out of the folder"}}) {
    std::string tar;
    archive::TarWriter writer([&](std::string_view bytes) {
      tar += bytes;
      return Status();
    });
    const std::string stack = std::string("schema: stack/1\ncontract: own\nname: sent\n") + kImage;
    const archive::Entry file{"stack.yaml", kFile, false, stack.size()};
    ASSERT_TRUE(writer.begin(file));
    ASSERT_TRUE(writer.add(file, stack));
    ASSERT_TRUE(writer.begin(entry, target));
    ASSERT_TRUE(writer.finish());
    const std::string at =
        "/api/v1/folders/" + json::parse(api::body_of(post("/api/v1/folders")))["id"].get<std::string>();
    ASSERT_EQ(api::status_of(put(at + "?offset=0", tar)), 200);
    const std::string answer = post(at + "/finish");
    EXPECT_EQ(api::status_of(answer), 422) << answer;
    EXPECT_NE(answer.find(words), std::string::npos) << answer;
    EXPECT_FALSE(fs::exists(above) || fs::exists(folder_ / "data/x")) << words;
  }
  EXPECT_EQ(api::status_of(get("/api/v1/stacks/sent")), 404);
}

}  // namespace
}  // namespace dyno::app
