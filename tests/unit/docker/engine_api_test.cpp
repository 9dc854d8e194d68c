#include "docker/engine_api.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <set>

namespace dyno::docker {
namespace {

using nlohmann::json;

ports::ContainerSpec a_spec() {
  ports::ContainerSpec spec;
  spec.name = "dyno-1";
  spec.image_id = "sha256:1";
  spec.entrypoint = {"/dyno-exec", "run"};
  spec.command = {"node", "server.js"};
  spec.env = {{"PORT", "8080"}, {"A", "b=c"}};
  spec.labels = {{"stackdyno.instance", "i"}};
  spec.user = "65532";
  spec.cpuset = "1";
  spec.memory = mib(512);
  spec.tmp = mib(64);
  spec.network = ports::JoinContainer{"abc"};
  spec.files = {{"/opt/dyno-exec", "/dyno-exec"}};
  return spec;
}

json body_of(const ports::ContainerSpec& spec) {
  const auto body = container_body(spec);
  EXPECT_TRUE(body) << body.error().message;
  return json::parse(*body);
}

std::set<std::string> keys_of(const json& object) {
  std::set<std::string> keys;
  for (const auto& item : object.items()) keys.insert(item.key());
  return keys;
}

TEST(ContainerBody, HoldsTheseKeysAndNoOthers) {
  const json body = body_of(a_spec());
  EXPECT_EQ(keys_of(body), (std::set<std::string>{"Image", "User", "Env", "Labels", "StopSignal", "Tty", "Healthcheck",
                                                  "HostConfig", "Entrypoint", "Cmd"}));
  EXPECT_EQ(
      keys_of(body["HostConfig"]),
      (std::set<std::string>{"CapDrop", "SecurityOpt", "Privileged", "ReadonlyRootfs", "PublishAllPorts", "AutoRemove",
                             "RestartPolicy", "IpcMode", "Init", "ShmSize", "PidsLimit", "Memory", "MemorySwap",
                             "LogConfig", "Ulimits", "CpusetCpus", "Tmpfs", "Mounts", "NetworkMode"}));
}

TEST(ContainerBody, Row27MemoryLiesOverEveryVolumeOfTheImage) {
  ports::ContainerSpec spec = a_spec();
  spec.folders = {{"/data", mib(1024)}};
  ports::ImageDescription image;
  image.volumes = {"/data", "/var/lib/x/", "/a/../b", "/tmp"};
  const auto fit = fitted(spec, image);
  ASSERT_TRUE(fit) << fit.error().message;
  const json tmpfs = body_of(*fit)["HostConfig"]["Tmpfs"];
  EXPECT_EQ(keys_of(tmpfs), (std::set<std::string>{"/tmp", "/data", "/var/lib/x", "/b"}));
  EXPECT_EQ(tmpfs["/var/lib/x"], "rw,noexec,nosuid,nodev,mode=1777,size=67108864");
  EXPECT_EQ(tmpfs["/data"], "rw,noexec,nosuid,nodev,mode=1777,size=1073741824") << "as its service says";
  for (const char* const odd : {"data", "/", "", "../x"}) {
    image.volumes = {odd};
    EXPECT_FALSE(fitted(spec, image)) << odd;
  }
}

TEST(ContainerBody, Row35AnEntryPointThatIsAScriptIsKept) {
  struct Row {
    std::vector<std::string> own, programs, kept;
  };
  const Row rows[] = {
      {{"/entry.sh"}, {"node"}, {"/dyno-exec", "run", "/entry.sh"}},
      {{"tini", "--"}, {"node"}, {"/dyno-exec", "run", "tini", "--"}},
      {{"node", "server.js"}, {"node", "node"}, {"/dyno-exec", "run"}},
      {{"/usr/bin/python"}, {"python", "gunicorn"}, {"/dyno-exec", "run"}},
      {{"/entry.sh"}, {"/entry.sh"}, {"/dyno-exec", "run"}},
      {{}, {"node"}, {"/dyno-exec", "run"}},
      {{"/entry.sh"}, {}, {"/dyno-exec", "run"}},
  };
  for (const Row& row : rows) {
    ports::ContainerSpec spec = a_spec();
    spec.programs = row.programs;
    ports::ImageDescription image;
    image.entrypoint = row.own;
    EXPECT_EQ(fitted(spec, image)->entrypoint, row.kept);
    EXPECT_EQ(fitted(spec, image)->command, spec.command);
  }
}

TEST(ContainerBody, IsAlwaysHardened) {
  ports::ContainerSpec least;
  least.image_id = "sha256:1";
  least.memory = mib(16);
  least.network = ports::JoinNetwork{"net"};
  for (const ports::ContainerSpec& spec : {a_spec(), least}) {
    const json host = body_of(spec)["HostConfig"];
    EXPECT_EQ(host["CapDrop"], json({"ALL"}));
    EXPECT_EQ(host["SecurityOpt"], json({"no-new-privileges:true"}));
    EXPECT_EQ(host["Privileged"], false);
    EXPECT_EQ(host["ReadonlyRootfs"], true);
    EXPECT_EQ(host["RestartPolicy"]["Name"], "no");
    EXPECT_EQ(host["AutoRemove"], false);
    EXPECT_EQ(host["Init"], false);
    EXPECT_EQ(host["MemorySwap"], host["Memory"]);
    EXPECT_EQ(host["PidsLimit"], 256);
    EXPECT_EQ(host["LogConfig"]["Config"]["max-size"], "2m");
    EXPECT_EQ(host["PublishAllPorts"], false);
  }
}

TEST(ContainerBody, CarriesTheSpec) {
  const json body = body_of(a_spec());
  EXPECT_EQ(body["Image"], "sha256:1");
  EXPECT_EQ(body["User"], "65532");
  EXPECT_EQ(body["Entrypoint"], json({"/dyno-exec", "run"}));
  EXPECT_EQ(body["Cmd"], json({"node", "server.js"}));
  EXPECT_EQ(body["Env"], json({"A=b=c", "PORT=8080"}));
  EXPECT_EQ(body["Labels"]["stackdyno.instance"], "i");
  EXPECT_EQ(body["Healthcheck"]["Test"], json({"NONE"}));
  EXPECT_EQ(body["HostConfig"]["NetworkMode"], "container:abc");
  EXPECT_EQ(body["HostConfig"]["CpusetCpus"], "1");
  EXPECT_EQ(body["HostConfig"]["Memory"], 512LL * 1024 * 1024);
  EXPECT_EQ(body["HostConfig"]["Tmpfs"]["/tmp"], "rw,noexec,nosuid,nodev,mode=1777,size=67108864");
  EXPECT_EQ(body["HostConfig"]["Mounts"],
            json({{{"Type", "bind"}, {"Source", "/opt/dyno-exec"}, {"Target", "/dyno-exec"}, {"ReadOnly", true}}}));
}

TEST(ContainerBody, OfAJoinedContainerHasNoHostnameAndNoPorts) {
  const json body = body_of(a_spec());
  EXPECT_FALSE(body.contains("Hostname"));
  EXPECT_FALSE(body.contains("ExposedPorts"));
}

TEST(ContainerBody, MountsMemoryFoldersBesideTmp) {
  ports::ContainerSpec spec = a_spec();
  spec.folders = {{"/data", mib(1024)}, {"/cache", mib(1), 0700}};
  spec.shared_memory = mib(128);
  const json host = body_of(spec)["HostConfig"];
  EXPECT_EQ(host["Tmpfs"].size(), 3U);
  EXPECT_EQ(host["Tmpfs"]["/data"], "rw,noexec,nosuid,nodev,mode=1777,size=1073741824");
  EXPECT_EQ(host["Tmpfs"]["/cache"], "rw,noexec,nosuid,nodev,mode=700,size=1048576");
  EXPECT_EQ(host["ShmSize"], 128LL * 1024 * 1024);
  EXPECT_EQ(body_of(a_spec())["HostConfig"]["ShmSize"], 16LL * 1024 * 1024);
}

TEST(EngineApi, AsksForACommandAndReadsItsEnd) {
  EXPECT_EQ(json::parse(exec_body({"sh", "-c", "x \"y\""})),
            json({{"AttachStdout", true}, {"AttachStderr", true}, {"Tty", false}, {"Cmd", {"sh", "-c", "x \"y\""}}}));
  EXPECT_EQ(decode_exec(R"({"Running":false,"ExitCode":2})").value(), 2);
  EXPECT_EQ(decode_exec(R"({"Running":true,"ExitCode":null})").value(), std::nullopt);
  for (const char* const bad : {R"({"Running":false,"ExitCode":null})", "{}", "[]"})
    EXPECT_FALSE(decode_exec(bad)) << bad;
}

TEST(ContainerBody, RefusesRootAndMissingLimits) {
  const auto refused = [](auto change) {
    ports::ContainerSpec spec = a_spec();
    change(spec);
    const auto body = container_body(spec);
    return !body && body.error().code == ErrorCode::invalid_argument;
  };
  for (const char* const user : {"0", "root", "0:0", "00", "root:staff"}) {
    EXPECT_TRUE(refused([&](ports::ContainerSpec& s) { s.user = user; })) << user;
  }
  EXPECT_TRUE(refused([](ports::ContainerSpec& s) { s.memory = Bytes{0}; }));
  EXPECT_TRUE(refused([](ports::ContainerSpec& s) { s.pids = 0; }));
  EXPECT_TRUE(refused([](ports::ContainerSpec& s) { s.files = {{"relative", "/x"}}; }));
  EXPECT_TRUE(refused([](ports::ContainerSpec& s) { s.folders = {{"relative", mib(1)}}; }));
  EXPECT_TRUE(refused([](ports::ContainerSpec& s) { s.folders = {{"/x", Bytes{0}}}; }));
  EXPECT_FALSE(refused([](ports::ContainerSpec& s) { s.user = "65532"; }));
}

TEST(ContainerBody, WithoutAUserIsNotRoot) {
  ports::ContainerSpec spec = a_spec();
  spec.user.clear();
  EXPECT_EQ(body_of(spec)["User"], "65532:65532");
}

TEST(ContainerBody, MayBeWritableAndOfTheImagesUserButHasNoOtherRight) {
  ports::ContainerSpec spec = a_spec();
  spec.writable = true;
  spec.is_user_of_image = true;
  spec.user = "root";
  const json body = body_of(spec);
  EXPECT_FALSE(body.contains("User"));
  EXPECT_EQ(body["HostConfig"]["ReadonlyRootfs"], false);
  EXPECT_EQ(body["HostConfig"]["CapDrop"], json({"ALL"}));
  EXPECT_EQ(body["HostConfig"]["SecurityOpt"], json({"no-new-privileges:true"}));
  EXPECT_EQ(body["HostConfig"]["Privileged"], false);
  EXPECT_EQ(body["HostConfig"]["Mounts"].size(), 1U);
}

TEST(ContainerBody, KnowsOthersByTheirNamesAndIsKnownByItsOwn) {
  ports::ContainerSpec spec = a_spec();
  spec.network = ports::JoinNetwork{"net", {"redis"}};
  spec.hosts = {{"db", "10.0.0.3"}, {"redis", "10.0.0.2"}};
  const json body = body_of(spec);
  EXPECT_EQ(body["HostConfig"]["ExtraHosts"], json({"db:10.0.0.3", "redis:10.0.0.2"}));
  EXPECT_EQ(body["NetworkingConfig"]["EndpointsConfig"]["net"]["Aliases"], json({"redis"}));
  EXPECT_NE(config_hash(spec), config_hash(a_spec()));
}

TEST(ContainerBody, OfAnotherSpecHasAnotherHash) {
  ports::ContainerSpec other = a_spec();
  EXPECT_EQ(config_hash(other), config_hash(a_spec()));
  other.env["PORT"] = "8081";
  EXPECT_NE(config_hash(other), config_hash(a_spec()));
  EXPECT_EQ(body_of(other)["Labels"][std::string(kConfigLabel)], config_hash(other));
}

TEST(NetworkBody, IsInternalAndChecked) {
  const json body = json::parse(network_body("n", {{"a", "b"}}));
  EXPECT_EQ(body, json({{"Name", "n"},
                        {"Driver", "bridge"},
                        {"Internal", true},
                        {"CheckDuplicate", true},
                        {"EnableIPv6", false},
                        {"Labels", {{"a", "b"}}}}));
}

std::string container_json(const std::string& state) {
  return R"({"Id":"c1","Config":{"StopSignal":"SIGQUIT"},"State":)" + state + "}";
}

TEST(EngineApi, ReadsAContainersState) {
  const auto running = decode_container(
      R"({"Id":"c1","State":{"Status":"running","Pid":42,"ExitCode":0},"Config":{"StopSignal":"SIGQUIT","Labels":{"a":"b"}},
          "NetworkSettings":{"Networks":{"n":{"IPAddress":"10.1.0.2"}}}})");
  ASSERT_TRUE(running);
  EXPECT_EQ(running->status.pid, 42);
  EXPECT_EQ(running->status.address, "10.1.0.2");
  EXPECT_EQ(running->stop_signal, "SIGQUIT");
  EXPECT_EQ(running->labels, (Labels{{"a", "b"}}));
  const auto exited =
      decode_container(container_json(R"({"Status":"exited","Pid":0,"ExitCode":137,"OOMKilled":true,"Error":"why"})"));
  ASSERT_TRUE(exited);
  EXPECT_EQ(exited->status.exit_code, 137);
  EXPECT_TRUE(exited->status.oom_killed);
  EXPECT_EQ(exited->status.error, "why");
  EXPECT_EQ(exited->status.address, "");
}

TEST(EngineApi, NeverTakesPidZeroForAProcess) {
  for (const char* const state :
       {R"({"Status":"running","Pid":0})", R"({"Status":"running"})", R"({"Status":"running","Pid":-1})",
        R"({"Status":"running","Pid":"42"})", R"({"Status":"running","Pid":18446744073709551615})",
        R"({"Status":"exited","Pid":42})"}) {
    const auto answer = decode_container(container_json(state));
    ASSERT_TRUE(answer) << state;
    EXPECT_NE(answer->status.state, "running") << state;
    EXPECT_EQ(answer->status.pid, 0) << state;
  }
}

TEST(EngineApi, RefusesAnswersOfTheWrongShape) {
  for (const char* const body :
       {"", "x", "[]", "null", "{}", "{\"Id\":5}", "{\"Id\":\"a\",\"State\":[]}", "{\"Id\":\"\xff\"}"}) {
    EXPECT_EQ(decode_container(body).error().code, ErrorCode::protocol) << body;
    EXPECT_FALSE(decode_wait(body)) << body;
  }
  EXPECT_FALSE(decode_containers("{}"));
  EXPECT_FALSE(decode_networks("[{}]"));
  EXPECT_FALSE(decode_images("[5]"));
  EXPECT_FALSE(decode_image("{}"));
  EXPECT_FALSE(decode_id("{}"));
}

TEST(EngineApi, FindsTheFoldersOfAnImage) {
  const auto folders = decode_image_folders(
      R"({"Id":"sha256:1","GraphDriver":{"Name":"overlay2","Data":{"LowerDir":"/d/a/diff:/d/b/diff","UpperDir":"/d/c/diff"}}})");
  ASSERT_TRUE(folders) << folders.error().message;
  EXPECT_EQ(*folders, (std::vector<std::string>{"/d/a/diff", "/d/b/diff", "/d/c/diff"}));
  const auto containerd = decode_image_folders(R"({"Id":"sha256:1"})");
  ASSERT_FALSE(containerd);
  EXPECT_EQ(containerd.error().code, ErrorCode::unsupported);
  const auto btrfs = decode_image_folders(R"({"GraphDriver":{"Name":"btrfs","Data":null}})");
  ASSERT_FALSE(btrfs);
  EXPECT_EQ(btrfs.error().code, ErrorCode::unsupported);
  EXPECT_FALSE(decode_image_folders(R"({"GraphDriver":{"Name":"overlay2","Data":{"UpperDir":"relative"}}})"));
  EXPECT_FALSE(decode_image_folders(R"({"GraphDriver":{"Name":"overlay2","Data":{}}})"));
}

TEST(EngineApi, ReadsLists) {
  const auto containers =
      decode_containers(R"([{"Id":"1","Names":["/dyno-a"],"Labels":{"x":"y"}},{"Id":"2","Names":null,"Labels":null}])");
  ASSERT_TRUE(containers);
  EXPECT_EQ(containers->at(0).name, "dyno-a");
  EXPECT_EQ(containers->at(0).labels.at("x"), "y");
  EXPECT_EQ(containers->at(1).name, "");
  const auto images =
      decode_images(R"([{"Id":"sha256:1","RepoTags":["a:latest"]},{"Id":"sha256:2","RepoTags":["<none>:<none>"]},
                                        {"Id":"sha256:3","RepoTags":null}])");
  ASSERT_TRUE(images);
  EXPECT_EQ(images->at(0).name, "a:latest");
  EXPECT_EQ(images->at(1).name, "");
  EXPECT_EQ(images->at(2).kind, ports::ObjectKind::image);
}

TEST(EngineApi, ReadsWhatAnImageSaysOfItself) {
  const auto image = decode_image(
      R"({"Id":"sha256:1","Size":7,"Config":{"Labels":{"x":"y"},"Env":["NODE_VERSION=26.1.0","A=b=c","EMPTY=","odd",5]}})");
  ASSERT_TRUE(image);
  EXPECT_EQ(image->labels.at("x"), "y");
  EXPECT_EQ(image->env, (std::map<std::string, std::string>{{"NODE_VERSION", "26.1.0"}, {"A", "b=c"}, {"EMPTY", ""}}));
  EXPECT_TRUE(decode_image(R"({"Id":"sha256:1","Config":{"Env":null}})")->env.empty());
  const auto told = decode_image(
      R"({"Id":"sha256:1","Config":{"Entrypoint":["/a","b"],"OnBuild":["ADD x y"],"Volumes":{"/v":{},"/w":{}}}})");
  ASSERT_TRUE(told) << told.error().message;
  EXPECT_EQ(told->entrypoint, (std::vector<std::string>{"/a", "b"}));
  EXPECT_EQ(told->on_build, std::vector<std::string>{"ADD x y"});
  EXPECT_EQ(told->volumes, (std::vector<std::string>{"/v", "/w"}));
  EXPECT_EQ(told->user, "");
  const auto server = decode_image(
      R"({"Id":"sha256:1","Config":{"Cmd":["run","-x"],"User":"app:app","ExposedPorts":{"443/tcp":{},"53/udp":{},"80":{},"0/tcp":{},"x/tcp":{}}}})");
  ASSERT_TRUE(server) << server.error().message;
  EXPECT_EQ(server->command, (std::vector<std::string>{"run", "-x"}));
  EXPECT_EQ(server->user, "app:app");
  EXPECT_EQ(server->ports, (std::vector<int>{80, 443}));
}

TEST(EngineApi, ReadsTheEngineItself) {
  const auto version = decode_version(R"({"Version":"20.10.24+dfsg1","ApiVersion":"1.41","MinAPIVersion":"1.12"})");
  ASSERT_TRUE(version);
  EXPECT_EQ(version->engine, "Docker 20.10.24+dfsg1");
  EXPECT_EQ(version->oldest, "1.12");
  const auto info =
      decode_info(R"({"Driver":"overlay2","CgroupDriver":"cgroupfs","CgroupVersion":"1","KernelVersion":"6.1","NCPU":2,
                                    "MemTotal":1024,"OperatingSystem":"Debian","SecurityOptions":["name=seccomp,profile=default","name=userns"]})");
  ASSERT_TRUE(info);
  EXPECT_EQ(info->storage_driver, "overlay2");
  EXPECT_EQ(info->cpus, 2);
  EXPECT_TRUE(info->user_namespaces);
}

}  // namespace
}  // namespace dyno::docker
