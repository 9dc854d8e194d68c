// The five kinds of files: the text of a stack, a profile, a schedule, a service or workloads → its value, or every problem in it. Each kind
// has one source, with its keys, what is read from them and the rules between them. Pure, thread-safe.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/problem.h"
#include "model/profile.h"
#include "model/schedule.h"
#include "model/service.h"
#include "model/stack.h"
#include "stackfile/shape.h"

namespace dyno::stackfile {

// What a parser of stackfile hands back: the value when the text is right in every part, otherwise every problem found in it.
template <class T>
struct Parsed {
  std::optional<T> value;                // present exactly when there is no problem
  std::vector<model::Problem> problems;  // in the order of the file
};

// Bytes of a file by its path inside a folder, or why there are none. Empty: files are not looked at, nor what would follow from them.
using InnerFiles = std::function<Result<std::string>(const std::string& path)>;

// Where the files lie that a stack's workloads name.
struct StackFiles {
  InnerFiles folder{};  // the stack's own
  InnerFiles shared{};  // workloads/ beside the folders of all stacks
};

// The text of a stack.yaml → a Stack, or every problem in it. Looks at the text alone: whether the Dockerfile is there and
// no link leaves the folder is the catalog's question. Fills neither Stack::folder nor Stack::hash.
// `file` names the text in problems; when it has a folder ("stacks/go-nethttp/stack.yaml"), the stack's name must equal it, unless the
// file is a stackdyno.yaml.
Parsed<model::Stack> parse_stack(std::string_view text, const std::string& file, const StackFiles& files = {});

// The text of a file of workloads (schema workload/1) → the workloads in their order, or every problem in it.
Parsed<std::vector<model::OwnWorkload>> parse_workloads(std::string_view text, const std::string& file,
                                                        const InnerFiles& files = {});

// The text of a profile → a Profile, or every problem in it: levels become phases, `60% of X` is resolved to an earlier
// phase, each phase gets a unique name. Fills Profile::hash from the text.
// `file` names the text in problems; the profile's name must equal it ("profiles/quick.yaml": quick), unless it is empty.
Parsed<model::Profile> parse_profile(std::string_view text, const std::string& file);

// The text of a schedule → a Schedule, or every problem in it, one that would never fire among them: what the cron line and the zone
// mean is asked of the scheduler's own parser. Whether its stacks and its profile exist is the catalog's question.
// `file` names the text in problems; the schedule's name must equal it ("schedules/nightly.yaml": nightly).
Parsed<model::Schedule> parse_schedule(std::string_view text, const std::string& file);

// The text of a service.yaml → a Service, or every problem in it. Knows no folder: Service::folder and hash are left empty.
// `file` names the text in problems; the service's name must equal its folder, unless it has none.
Parsed<model::Service> parse_service(std::string_view text, const std::string& file);

// Which keys each kind has.
extern const Shape kStackShape;
extern const Shape kProfileShape;
extern const Shape kScheduleShape;
extern const Shape kServiceShape;
extern const Shape kWorkloadFileShape;

// The JSON Schema (2020-12) of our YAML files, for editors and for whoever writes such files by program. Made from the
// tables that the parser checks by. What needs more than one key to be seen is not in it.
std::string stack_json_schema();
std::string profile_json_schema();
std::string schedule_json_schema();
std::string service_json_schema();
std::string workload_json_schema();

}  // namespace dyno::stackfile
