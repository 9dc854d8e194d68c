#include "stackfile/profile_table.h"

#include <array>
#include <chrono>

#include "contract/workloads/registry.h"
#include "model/profile.h"
#include "model/sampling.h"

namespace dyno::stackfile {
namespace {

using namespace std::chrono_literals;
using model::names_of;

constexpr std::array<std::string_view, 1> kSchema{"profile/1"};
constexpr std::array<std::string_view, 1> kAuto{"auto"};
constexpr std::array<std::string_view, 2> kDatabasePlaces{"shared_with_load", "own"};

constexpr Shape kConnections = integer(1, 20000);
constexpr Shape kParam = integer(0, 1'000'000'000);

constexpr std::array kOrderKeys{
    required("kind", choice(names_of<model::OrderKind>()), "order of the cases within a block"),
    optional("reverse_alternate_blocks", boolean(), "every second block runs backwards"),
};
constexpr Table kOrderTable{kOrderKeys};

constexpr std::array kPlacementKeys{
    required("stack_cpus", integer(1, 256), "CPUs of the stack under test"),
    required("load_cpus", integer(1, 256), "CPUs of the load generator"),
    optional("database", choice(kDatabasePlaces), "whether the database has CPUs of its own"),
};
constexpr Table kPlacementTable{kPlacementKeys};

constexpr std::array kDatabaseKeys{
    required("connections", integer(1, 190), "connection budget of a stack in all"),
    required("users", integer(1, 10'000'000), "rows of the table users"),
    optional("variant", text(kIdentifier, 40), "of the data, one that the service names"),
};
constexpr Table kDatabaseTable{kDatabaseKeys};

constexpr std::array kStartupKeys{
    required("warm", integer(0, 1000), "further timed starts a stack, spread over the blocks"),
    required("cache_cold", integer(0, 1000), "the same with the page cache evicted"),
};
constexpr Table kStartupTable{kStartupKeys};

constexpr std::array kMemoryKeys{
    required("idle", duration(0s, 10min), "rest after the first good answer, before idle memory is read"),
    required("after", duration(0s, 10min), "rest after the last phase, before retained memory is read"),
    optional("sample_every", duration(model::kShortestSamplePeriod, model::kLongestSamplePeriod),
             "period of the samples"),
};
constexpr Table kMemoryTable{kMemoryKeys};

constexpr std::array kWarmUpKeys{
    required("kind", choice(names_of<model::WarmUpKind>()), "fixed takes each; until_steady takes min and max"),
    optional("each", duration(0s, 10min), "length, for kind fixed"),
    optional("min", duration(0s, 10min), "shortest, for kind until_steady"),
    optional("max", duration(100ms, 30min), "longest, for kind until_steady"),
};
constexpr Table kWarmUpTable{kWarmUpKeys};

constexpr std::array kBesideKeys{
    required("workload", choice(contract::workload_names), "what is asked beside, in a closed loop"),
    required("connections", kConnections, "connections held open"),
    optional("params", dictionary(kIdentifier, kParam, 10), "of the workload"),
};
constexpr Table kBesideTable{kBesideKeys};

constexpr std::array kPhaseKeys{
    required("workload", choice(contract::workload_names), "what is asked"),
    required("loop", choice(names_of<model::Loop>()), "closed: saturation; open: constant rate"),
    optional("rate", text(kPhaseRate, 60), "open loop: 1000/s, or 60% of an earlier phase's `as`"),
    optional("connections", kConnections, "connections held open"),
    optional("levels", set_of(kConnections, 1, 20), "several numbers of connections, one phase each"),
    required("measure", duration(100ms, 24h), "length of the measured window"),
    optional("as", text(kIdentifier, 40), "name by which later phases use this one's throughput"),
    optional("params", dictionary(kIdentifier, kParam, 10), "of the workload, such as n: 20"),
    optional("beside", map_of(kBesideTable), "a second workload, all the while this one is measured"),
};
constexpr Table kPhaseTable{kPhaseKeys};
constexpr Shape kPhase = map_of(kPhaseTable);

constexpr std::array kGateKeys{
    optional("errors_max", share(0, 1'000'000), "share of answers that may be wrong"),
    optional("late_max", share(0, 1'000'000), "share of requests the load generator may send late"),
    optional("load_worker_max", share(10'000, 1'000'000), "how busy the load generator may be"),
};
constexpr Table kGateTable{kGateKeys};

constexpr std::array kProfileKeys{
    required("schema", choice(kSchema), "format of this file; first key"),
    required("name", text(kName, 40), "equals the file"),
    required("purpose", text(kOneLine, 300), "one sentence"),
    required("blocks", integer(1, model::kMostBlocks), "how often every stack is measured"),
    optional("order", map_of(kOrderTable), "order of the stacks"),
    optional("placement", choice_or_map(kAuto, kPlacementTable), "auto: by the number of cores"),
    optional("mode", choice(names_of<model::Mode>()), "process mode of the stacks"),
    optional("database", map_of(kDatabaseTable), "for workloads that need one"),
    optional("startup", map_of(kStartupTable), "timed starts"),
    optional("memory", map_of(kMemoryTable), "when memory is read"),
    required("warm_up", map_of(kWarmUpTable), "load before each measured phase"),
    required("phases", list_of(kPhase, 1, 100), "in this order"),
    optional("gates", map_of(kGateTable), "limits beyond which a measurement does not count"),
};
constexpr Table kProfileTable{kProfileKeys};

}  // namespace

constinit const Shape kProfileShape = map_of(kProfileTable);

}  // namespace dyno::stackfile
