#include "stackfile/service_table.h"

#include <array>
#include <chrono>

#include "contract/workloads/registry.h"
#include "stackfile/shared_parts.h"

namespace dyno::stackfile {
namespace {

using namespace std::chrono_literals;

constexpr std::array<std::string_view, 1> kSchema{"service/1"};
constexpr Shape kWorkloadWord = choice(contract::workload_names);
constexpr Shape kArgument = text_like_number(kOneLine, 1000);
constexpr Shape kEnvValue = text_like_number(kOneLine, 4000);
constexpr Shape kEnvWord = text(kEnvName, 100);
// As a profile writes it (profile_table.cpp).
constexpr Shape kUsers = integer(1, 10'000'000);
constexpr Shape kVariantWord = text(kIdentifier, 40);

constexpr std::array kRunKeys{
    optional("command", list_of(kArgument, 1, 200), "arguments of the image's entry point"),
    required("user", text(kName, 40), "user of the image; never root"),
    optional("env", dictionary(kEnvName, kEnvValue, 100),
             "environment; {users}, {connections} and {variant} are the profile's"),
    optional("secrets", set_of(kEnvWord, 1, 10), "environment with a value drawn anew for each run"),
};
constexpr Table kRunTable{kRunKeys};

constexpr std::array kLimitKeys{
    required("memory", bytes(mib(16), mib(1024 * 1024)), "memory limit, without swap"),
    required("pids", integer(4, 32768), "processes and threads"),
    required("open_files", integer(64, 1048576), "descriptors a process"),
    required("tmp", bytes(mib(1), mib(16 * 1024)), "size of /tmp, which is memory"),
    required("shared_memory", bytes(mib(1), mib(16 * 1024)), "size of /dev/shm"),
};
constexpr Table kLimitTable{kLimitKeys};

constexpr std::array kFolderKeys{
    required("path", text(kUrlPath, 200), "absolute, inside the container"),
    required("size", bytes(mib(1), mib(1024 * 1024)), "counts as memory of the container"),
};
constexpr Table kFolderTable{kFolderKeys};
constexpr Shape kFolder = map_of(kFolderTable);

constexpr std::array kCommandKeys{
    required("command", list_of(kArgument, 1, 100), "exec form, run inside the container; exit code 0 is success"),
    required("timeout", duration(100ms, 10min), "time limit"),
};
constexpr Table kCommandTable{kCommandKeys};

constexpr std::array kVerifyKeys{
    required("watch", map_of(kCommandTable), "forgets the statements counted so far"),
    required("audit", map_of(kCommandTable), "prints the statements since, and the connections"),
    required("change", map_of(kCommandTable), "changes rows as its arguments say"),
    required("read", map_of(kCommandTable), "prints the rows whose ids are its arguments"),
    required("restore", map_of(kCommandTable), "rows as at the beginning; no session ends"),
    required("fail", map_of(kCommandTable), "ends all sessions and accepts none"),
    required("stall", map_of(kCommandTable), "lets sessions hang and accepts none"),
    required("recover", map_of(kCommandTable), "ends what fail or stall began"),
};
constexpr Table kVerifyTable{kVerifyKeys};

constexpr std::array kServiceKeys{
    required("schema", choice(kSchema), "format of this file; first key"),
    required("name", text(kName, 40), "equals the folder"),
    required("title", text_like_number(kOneLine, 100), "as shown"),
    required("build", map_of(kBuildTable), "how the image is made"),
    required("run", map_of(kRunTable), "how the service is started"),
    required("limits", map_of(kLimitTable), "of the container"),
    optional("folders", list_of(kFolder, 1, 10), "folders in memory; all else is read-only"),
    required("ready", map_of(kCommandTable), "repeated until it succeeds, once a run"),
    required("reset", map_of(kCommandTable), "before each trial: as at the beginning"),
    optional("verify", map_of(kVerifyTable), "commands that show whether a stack's answers come from the service"),
    required("app_env", dictionary(kEnvName, kEnvValue, 20),
             "what an app is told; {address} is the service's, and each secret is known by its name"),
    optional("variants", set_of(kVariantWord, 1, 10), "of the data, that a profile may ask for"),
    optional("users", set_of(kUsers, 1, 10), "how many rows of users a profile may ask for"),
    required("workloads", set_of(kWorkloadWord, 1, 100), "those that need the service"),
};
constexpr Table kServiceTable{kServiceKeys};

}  // namespace

constinit const Shape kServiceShape = map_of(kServiceTable);

}  // namespace dyno::stackfile
