// Which fields each recorded value has. A field that is added to a struct of `model` and not here does not compile: every
// table is counted against its struct. The names are those of the members; renaming one changes what is stored, so an old
// record can no longer be read. Internal to `record` and to its tests. Pure, thread-safe.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>
#include <tuple>

#include "model/job.h"
#include "model/run_event.h"

namespace dyno::record {

// Converts to anything; never defined, only counted with.
struct AnyField {
  template <class T>
  operator T() const noexcept;  // NOLINT(google-explicit-constructor)
};

// How many fields the aggregate T has: the largest number of initialisers it takes.
template <class T, class... Taken>
constexpr std::size_t count_fields() {
  if constexpr (requires { T{Taken{}..., AnyField{}}; }) {
    return count_fields<T, Taken..., AnyField>();
  } else {
    return sizeof...(Taken);
  }
}

enum class Presence {
  always,
  later,  // came after the first records: where it is missing, the struct's default stands
  apart,  // kept elsewhere (the id of a run is its row's), so not written
};

template <class T, class Member>
struct Field {
  std::string_view name;
  Member T::*member;
  Presence presence;
};

template <class T, class Member>
constexpr Field<T, Member> field(std::string_view name, Member T::*member, Presence presence = Presence::always) {
  return {name, member, presence};
}

template <class T>
struct Fields;  // specialised below: static constexpr std::tuple all

template <class T>
concept Recorded = requires {
  Fields<T>::all;
};

template <class T>
constexpr bool names_each_field_once() {
  return std::apply(
      [](const auto&... fields) {
        const std::array<std::string_view, sizeof...(fields)> names{fields.name...};
        for (std::size_t i = 0; i < names.size(); ++i) {
          for (std::size_t j = 0; j < i; ++j) {
            if (names[i] == names[j]) return false;
          }
        }
        return names.size() == count_fields<T>();
      },
      Fields<T>::all);
}

#define F(name) field(#name, &T::name)
#define F_LATER(name) field(#name, &T::name, Presence::later)
#define F_APART(name) field(#name, &T::name, Presence::apart)
#define DYNO_RECORD(type, ...)                           \
  template <>                                            \
  struct Fields<type> {                                  \
    using T = type;                                      \
    static constexpr auto all = std::tuple(__VA_ARGS__); \
  };                                                     \
  static_assert(names_each_field_once<type>(), "list every field of " #type " once in record/fields.h")

// ---- stacks ----
DYNO_RECORD(model::BaseImage, F(arg), F(image), F(stand_in));
DYNO_RECORD(model::StackBuild, F(context), F(dockerfile), F(base), F(args), F(network), F(timeout), F_LATER(target));
DYNO_RECORD(model::TmpFolder, F(path), F(size));
DYNO_RECORD(model::StatusRange, F(from), F(to));
DYNO_RECORD(model::JsonRule, F(pointer), F(present), F(type), F(equals), F(matches), F(least), F(most), F(length_least),
            F(length_most), F(line));
DYNO_RECORD(model::HeaderRule, F(name), F(value), F(matches), F(line));
DYNO_RECORD(model::AnswerRules, F(statuses), F(content_type), F(headers), F(body), F(contains), F(matches), F(json),
            F(bytes_least), F(bytes_most), F(file), F(line));
DYNO_RECORD(model::Capture, F(name), F(from), F(where), F(line));
DYNO_RECORD(model::OwnHeader, F(name), F(value));
DYNO_RECORD(model::OwnRequest, F(name), F(method), F(target), F(headers), F(body), F(body_bytes), F(weight), F(expect),
            F(takes), F(line));
DYNO_RECORD(model::ValueTable, F(file), F(csv));
DYNO_RECORD(model::OwnWorkload, F(name), F(kind), F(protocol), F(requests), F(table), F(file));
DYNO_RECORD(model::StackRun, F(command), F(command_scaled), F(port), F(user), F(env), F(stop_signal), F(stop_grace),
            F_LATER(writable), F_LATER(folders));
DYNO_RECORD(model::Readiness, F_LATER(by), F(path), F_LATER(pattern), F(deep_path), F(timeout));
DYNO_RECORD(model::Limits, F(memory), F(pids), F(open_files), F(tmp));
DYNO_RECORD(model::ServiceNeed, F(required));
DYNO_RECORD(model::StackMetadata, F(async_model), F(type_system), F(json), F(validation), F(driver), F(template_engine),
            F(realtime), F(homepage), F(licence), F(notes));
DYNO_RECORD(model::StackVariant, F(name), F(title), F(runtime_version), F(version), F(stack_class), F(base), F(args),
            F(env), F(driver), F(notes));
DYNO_RECORD(model::Objective, F(text), F(metric), F(workload), F(load), F(at), F(is_ceiling), F(limit), F(file),
            F(line));
DYNO_RECORD(model::Stack, F(name), F(title), F(runtime), F(runtime_version), F(language), F(framework), F(version),
            F(stack_class), F(default_mode), F(offered_modes), F(build), F(run), F(readiness), F(limits), F(services),
            F(workloads), F(metadata), F(variants), F(variant_of), F(folder), F(hash), F_LATER(contract),
            F_LATER(image), F_LATER(own_workloads), F_LATER(objectives));

// ---- profiles ----
DYNO_RECORD(model::ShareOfCap, F(share), F(cap));
DYNO_RECORD(model::BesideLoad, F(workload), F(connections), F(params));
DYNO_RECORD(model::ProfilePhase, F(workload), F(loop), F(connections), F(rate), F(measure), F_LATER(measure_max), F(as),
            F(params), F(beside), F(name));
DYNO_RECORD(model::WarmUp, F(kind), F(each), F(min), F(max));
DYNO_RECORD(model::PlacementRequest, F(automatic), F(stack_cpus), F(load_cpus), F(database_shared_with_load));
DYNO_RECORD(model::DatabaseRequest, F(connections), F(users), F(variant));
DYNO_RECORD(model::StartupRequest, F(warm), F(cache_cold));
DYNO_RECORD(model::MemoryRequest, F(idle), F(after), F(sample_every));
DYNO_RECORD(model::GateLimits, F(errors_max), F(late_max), F(load_worker_max));
DYNO_RECORD(model::Profile, F(name), F(purpose), F(blocks), F(order), F(reverse_alternate_blocks), F(placement),
            F(mode), F(database), F(startup), F(memory), F(warm_up), F(phases), F(gates), F(hash));

// ---- services ----
DYNO_RECORD(model::ServiceCommand, F(command), F(timeout));
DYNO_RECORD(model::ServiceVerification, F(watch), F(audit), F(change), F(read), F(restore), F(fail), F(stall),
            F(recover));
DYNO_RECORD(model::ServiceRun, F(command), F(user), F(env), F(secrets), F_LATER(writable));
DYNO_RECORD(model::ServiceFile, F(from), F(to));
DYNO_RECORD(model::Service, F(name), F(title), F(build), F(run), F(limits), F(shared_memory), F(folders), F(ready),
            F(reset), F(verification), F(app_env), F(variants), F(users), F(workloads), F(folder), F(hash),
            F_LATER(image), F_LATER(files), F_LATER(ready_port), F_LATER(ready_path), F_LATER(reset_by));

// ---- runs ----
DYNO_RECORD(model::RunComparison, F(a), F(b), F(within), F(metrics));
DYNO_RECORD(model::RunRequest, F(stacks), F(profile), F(blocks), F(seed), F(note), F(trigger), F(schedule),
            F(nominal_at), F_LATER(budget), F_LATER(start_by), F_LATER(retry_of), F_LATER(compare));
// The same work under another seed each night is one job: the request is in the run's first event.
DYNO_RECORD(model::Job, F_APART(run_id), F_APART(request), F(stacks), F(profile), F(services), F(plan_version),
            F(contract_version));
DYNO_RECORD(model::RunStack, F(name), F(title), F(runtime), F(stack_class), F(hash), F(image_id), F(base_kind),
            F(bases), F(image_bytes), F(build), F(reported_version), F(failure));
DYNO_RECORD(model::Progress, F(block), F(blocks), F(case_name), F(step), F(phase), F(done_ratio), F(eta_at));
DYNO_RECORD(model::Fact, F(name), F(value), F(in_key));
DYNO_RECORD(model::Environment, F(facts), F(key));
DYNO_RECORD(model::PlannedTrial, F(block), F(index), F(case_index), F(kind), F(start_kind), F(attempt));

// ---- measurements ----
DYNO_RECORD(model::Reading, F(metric), F(value), F(absent), F(validity), F(bound), F(gates));
DYNO_RECORD(model::GateResult, F(gate), F(validity), F(text));
DYNO_RECORD(model::Verdict, F(validity), F(bound), F(gates));
DYNO_RECORD(model::StartupMarks, F(kind), F(create_call), F(start_call), F(exec), F(listen), F(first_good),
            F(first_deep), F(sandbox));
DYNO_RECORD(model::MemoryReading, F(pss), F(private_bytes), F(docker_equivalent), F(cgroup_peak));
DYNO_RECORD(model::ErrorCounts, F(connect), F(reset), F(timeout), F(bad_status), F(bad_framing), F(bad_body),
            F(dropped));
DYNO_RECORD(model::PhaseResult, F(phase), F(window_begin), F(window_end), F(offered_per_s), F(good), F(sent),
            F(in_flight), F(errors), F(bytes_received), F(histograms), F(seconds), F(readings), F(verdict),
            F(transport), F(timer_mode));

// ---- events ----
DYNO_RECORD(model::RunQueued, F(request), F(job_hash), F(profile_hash), F(blocks), F(stacks));
DYNO_RECORD(model::RunStateChanged, F(state), F(reason));
DYNO_RECORD(model::RunResumed, F(reason), F(finished));
DYNO_RECORD(model::EnvironmentRecorded, F(environment), F(warnings));
DYNO_RECORD(model::PlanMade, F(expected), F(trials), F(co_located));
DYNO_RECORD(model::StackPrepared, F(stack));
DYNO_RECORD(model::ServicePrepared, F(service), F(image_id), F(base_kind), F(build));
DYNO_RECORD(model::Build, F(owner), F(name), F(state), F(step), F(lines), F(bytes), F(duration));
DYNO_RECORD(model::BuildLog, F(head), F(tail), F(lines), F(cut_lines), F(cut_bytes));
DYNO_RECORD(model::BuildLogged, F(build), F(log));
DYNO_RECORD(model::TrialStarted, F(trial_id), F(planned), F(case_name), F(stack));
DYNO_RECORD(model::TrialStepped, F(trial_id), F(step), F(phase), F(progress));
DYNO_RECORD(model::ServiceReset, F(trial_id), F(service), F(duration));
DYNO_RECORD(model::StartupMeasured, F(trial_id), F(marks));
DYNO_RECORD(model::MemoryMeasured, F(trial_id), F(moment), F(reading), F(samples));
DYNO_RECORD(model::PhaseFinished, F(trial_id), F(result), F(timeline));
DYNO_RECORD(model::ComparisonLooked, F(blocks), F(most), F(decided), F(undecided));
DYNO_RECORD(model::TrialFinished, F(trial_id), F(state), F(failure), F(reason), F(last_output), F(stop), F(stop_forced),
            F(readings), F(verdict));

#undef F
#undef F_LATER
#undef F_APART
#undef DYNO_RECORD

// The word of an event: what its value stands under.
template <class Event>
constexpr std::string_view event_word() = delete;
template <>
constexpr std::string_view event_word<model::RunQueued>() {
  return "run_queued";
}
template <>
constexpr std::string_view event_word<model::RunStateChanged>() {
  return "run_state_changed";
}
template <>
constexpr std::string_view event_word<model::RunResumed>() {
  return "run_resumed";
}
template <>
constexpr std::string_view event_word<model::EnvironmentRecorded>() {
  return "environment_recorded";
}
template <>
constexpr std::string_view event_word<model::PlanMade>() {
  return "plan_made";
}
template <>
constexpr std::string_view event_word<model::StackPrepared>() {
  return "stack_prepared";
}
template <>
constexpr std::string_view event_word<model::ServicePrepared>() {
  return "service_prepared";
}
template <>
constexpr std::string_view event_word<model::BuildLogged>() {
  return "build_logged";
}
template <>
constexpr std::string_view event_word<model::TrialStarted>() {
  return "trial_started";
}
template <>
constexpr std::string_view event_word<model::TrialStepped>() {
  return "trial_stepped";
}
template <>
constexpr std::string_view event_word<model::ServiceReset>() {
  return "service_reset";
}
template <>
constexpr std::string_view event_word<model::StartupMeasured>() {
  return "startup_measured";
}
template <>
constexpr std::string_view event_word<model::MemoryMeasured>() {
  return "memory_measured";
}
template <>
constexpr std::string_view event_word<model::PhaseFinished>() {
  return "phase_finished";
}
template <>
constexpr std::string_view event_word<model::ComparisonLooked>() {
  return "comparison_looked";
}
template <>
constexpr std::string_view event_word<model::TrialFinished>() {
  return "trial_finished";
}

}  // namespace dyno::record
