#include "run/executor.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include "base/quantity.h"
#include "results/standing.h"
#include "run/budget.h"
#include "run/environment.h"
#include "run/placement.h"
#include "run/plan.h"
#include "run/preparation.h"
#include "run/progress.h"
#include "run/run_services.h"
#include "run/run_stamps.h"
#include "run/stack_outcomes.h"
#include "run/trial.h"
#include "run/verified_work.h"
#include "stats/sequential.h"

namespace dyno::run {

using model::RunState;

namespace {

// More than a clock is slewed by, or differs between two that are read one after the other.
constexpr Nanos kStepOfClock = std::chrono::seconds(2);
constexpr Bytes kMemoryForTwo = mib(8 * 1024);
constexpr auto kStopped = "the daemon was stopped";

std::string blocks_text(int blocks) { return fmt::format("{} block{}", blocks, blocks == 1 ? "" : "s"); }

}  // namespace

// One run's way through its states. A step returns nothing when the run goes on, or the state in which it ends and why.
class Execution {
 public:
  struct End {
    RunState state = RunState::failed;
    std::string reason;
  };

  Execution(Executor& executor, const model::Job& job, std::stop_token stop, const std::function<bool()>& interrupting)
      : executor_(executor),
        stamps_(executor.rig_.journal, executor.rig_.host.clock()),
        rig_{.host = executor.rig_.host, .journal = stamps_, .instance = executor.rig_.instance},
        job_(job),
        stop_(std::move(stop)),
        interrupting_(interrupting),
        present_(executor.calls_.present_build == nullptr ? unwatched_ : *executor.calls_.present_build) {}

  Executed execute() {
    std::optional<End> end = take_up();
    leave_network();
    tell_step_of_clock();
    if (!end) {
      const bool is_whole = outcomes_.measured() == job_.stacks.size();
      end = End{is_whole ? RunState::succeeded : RunState::partly, and_failures(comparison_end_)};
    } else if (stop_.stop_requested()) {
      if (interrupting_() && executor_.calls_.resumes) return put_back(kStopped);
      end = interrupting_() ? End{RunState::interrupted, kStopped} : End{RunState::cancelled, "cancelled on request"};
    } else if (!cut_.empty()) {
      return put_back(cut_);
    }
    return tell_last(end->state, model::RunStateChanged{end->state, end->reason});
  }

 private:
  Executed put_back(const std::string& reason) {
    return tell_last(RunState::queued, model::RunResumed{reason, finished_});
  }

  Executed tell_last(RunState state, model::RunEvent event) {
    const Status told = tell(event);
    if (told) return {.state = state};
    if (ports::may_be_told_later(told.error())) return {.state = state, .untold = std::move(event)};
    // It goes on after the next start of the daemon, which finds it as it was.
    return {.state = state == RunState::queued ? RunState::interrupted : state};
  }

  std::optional<End> take_up() {
    auto past = executor_.calls_.past(job_.run_id);
    if (!past) return End{RunState::interrupted, "reading what it has done so far: " + past.error().message};
    // The budget runs on while a run is cut off.
    if (past->run.started_at) begin_ -= std::max(Nanos(0), rig_.host.clock().wall_now() - *past->run.started_at);
    past_ = Resumption(std::move(*past));
    if (const auto last = past_.last_stamp()) stamps_.begin_after(*last);
    finished_ = past_.count_finished();
    if (const std::string why = past_.why_given_up(); !why.empty()) return End{RunState::interrupted, why};
    return go();
  }

  std::optional<End> go() {
    if (auto end = acquire()) return end;
    if (auto end = prepare()) return end;
    if (auto end = run_trials()) return end;
    if (auto end = enter(RunState::collecting)) return end;
    leave_network();
    if (auto end = enter(RunState::analyzing)) return end;
    if (outcomes_.measured() == 0) return End{RunState::failed, "no trial succeeded; " + outcomes_.failures()};
    return std::nullopt;
  }

  // The engine answers, the machine is known and large enough.
  std::optional<End> acquire() {
    if (auto end = enter(RunState::acquiring)) return end;
    auto engine = rig_.host.engine().describe();
    if (!engine) return engine_end(engine.error(), "the container engine");
    auto placement = decide_placement(rig_.host.topology(), job_.profile.placement);
    if (!placement) return End{RunState::failed, placement.error().message};
    placement_ = std::move(*placement);
    daemon_.emplace(rig_.host, placement_.quiet_cpus);
    engine_ = std::move(*engine);
    facts_ = rig_.host.facts();
    // The one that a run goes on in is compared first, once its services are known.
    return past_.has_plan() ? std::nullopt : tell_or_end(recorded_environment());
  }

  // The run goes on when the engine is back; any other fault of it ends the run.
  End engine_end(const Error& error) {
    if (ports::fault_of(error) == ports::EngineFault::gone) return cut_off_by_engine(error.message);
    return {RunState::failed, error.message};
  }
  End engine_end(const Error& error, const char* what) { return engine_end(with_context(error, what)); }
  End cut_off_by_engine(const std::string& why) { return cut_off("the container engine went away: " + why); }
  End cut_off(std::string why) {
    cut_ = std::move(why);
    return {RunState::interrupted, cut_};
  }
  std::optional<End> check_room() {
    const std::string why = executor_.calls_.why_no_room();
    return why.empty() ? std::nullopt : std::optional(cut_off("paused: " + why));
  }

  // What a trial left behind would be measured beside the next one.
  std::optional<End> clear_stage() {
    std::set<std::string> keep{network_->id()};
    for (const auto& id : services_.container_ids()) keep.insert(id);
    const auto swept = sweep_leftovers(rig_.host.engine(), rig_.instance, keep);
    if (!swept && ports::fault_of(swept.error()) == ports::EngineFault::gone)
      return cut_off_by_engine(swept.error().message);
    if (!swept || swept->stuck.empty()) return std::nullopt;
    const auto& stuck = swept->stuck.front();
    return cut_off(fmt::format("{} of an earlier trial cannot be removed: {}", stuck.name, stuck.error.message));
  }

  std::optional<End> check_machine() {
    const std::string other = past_.other_machine(describe_environment(engine_, facts_, placement_));
    if (other.empty()) return std::nullopt;
    return End{RunState::interrupted, "it cannot go on where it began, the machine is another: " + other};
  }

  // The run's own times are right for themselves all the same: what its reader compares them with may not be.
  void tell_step_of_clock() {
    const Nanos step = stamps_.step();
    if (std::chrono::abs(step) < kStepOfClock || !(daemon_ || past_.has_plan())) return;
    model::EnvironmentRecorded record = past_.has_plan() ? past_.recorded() : recorded_environment();
    const auto text = fmt::format("The clock was set {} by {} during the run. Its times go on as they began.",
                                  step < Nanos(0) ? "back" : "forward", format_span(std::chrono::abs(step)));
    record.warnings.push_back({model::GateName::clock, model::Validity::degraded, text});
    static_cast<void>(tell(record));
  }

  model::EnvironmentRecorded recorded_environment() const {
    const model::Environment environment = describe_environment(engine_, facts_, placement_);
    std::vector<model::GateResult> warnings = preflight(environment, placement_);
    if (!daemon_->confined())
      warnings.push_back(
          {model::GateName::daemon_cpus, model::Validity::degraded, daemon_->confined().error().message});
    return {environment, std::move(warnings)};
  }

  // All images are there before anything is timed.
  std::optional<End> prepare() {
    if (auto end = enter(RunState::preparing)) return end;
    auto sandbox = prepare_sandbox_image(rig_);
    if (!sandbox) return engine_end(sandbox.error(), "the sandbox's image");
    sandbox_image_ = std::move(*sandbox);
    // Half of a build is waiting for a package registry.
    const bool has_room = engine_.memory.value >= kMemoryForTwo.value;
    Preparation preparation(
        rig_, {job_.run_id, job_.stacks, job_.services, past_, executor_.calls_.files}, present_,
        [this](const model::RunEvent& event) { return tell(event); }, stop_,
        has_room ? executor_.calls_.builds_at_once : 1);
    std::vector<model::Stack> ready;
    for (const auto& stack : job_.stacks) {
      if (auto end = check_room()) return end;
      if (auto end = take_image(preparation, stack)) return end;
      if (!images_.contains(stack.name)) continue;
      auto fitted = fitted_to_image(stack);
      if (!fitted) return engine_end(fitted.error(), "the image of a stack");
      ready.push_back(std::move(*fitted));
    }
    if (ready.empty()) return End{RunState::failed, "no stack could be built; " + outcomes_.failures()};
    if (auto end = prepare_services(preparation)) return end;
    if (auto end = check_machine()) return end;
    plan_ = make_plan(ready, job_.profile, placement_, job_.request.seed, job_.services);
    const model::PlanMade made{plan_.expected, static_cast<int>(plan_.trials.size()), placement_.co_located};
    if (auto end = tell_or_end(made)) return end;
    auto network = rig_.host.engine().create_network(object_name(rig_, job_.run_id, "net"),
                                                     run_labels(rig_, job_.run_id, "network"));
    if (!network) return engine_end(network.error(), "the run's network");
    network_.emplace(rig_.host.engine(), std::move(*network));
    return start_services();
  }

  std::optional<End> take_image(Preparation& preparation, const model::Stack& stack) {
    auto image = preparation.stack(stack);
    if (!image) return unprepared_end(image.error());
    if (!image->failure.empty()) outcomes_.give_up(stack.name, image->failure);
    else images_[stack.name] = std::move(image->id);
    return std::nullopt;
  }

  // What its file left to the image. That this can be had was seen when the image was made ready.
  Result<model::Stack> fitted_to_image(const model::Stack& stack) {
    if (!is_own(stack)) return stack;
    const auto image = rig_.host.engine().inspect_image(images_.at(stack.name));
    if (!image) return fail(image.error());
    return fit_to_image(stack, *image);
  }

  End unprepared_end(const Unprepared& unprepared) {
    switch (unprepared.why) {
      case Unprepared::Why::engine: return engine_end(unprepared.error);
      case Unprepared::Why::journal: return journal_end(unprepared.error);
      case Unprepared::Why::changed: break;
    }
    return {RunState::interrupted, unprepared.error.message};
  }

  std::optional<End> prepare_services(Preparation& preparation) {
    for (std::size_t i = 0; i < job_.services.size(); ++i) {
      const model::Service& service = job_.services[i];
      auto image = preparation.service(service);
      if (!image && is_of_service(image.error())) {
        services_.lose(i, image.error().error.message);
        continue;
      }
      if (!image) return unprepared_end(image.error());
      const std::string prefix = "service_" + service.name;
      // An official image and its stand-in hold different releases: their runs are not compared.
      facts_.push_back({prefix + "_base_kind", image->base_kind, true});
      facts_.push_back({prefix + "_bases", image->bases, false});
      facts_.push_back({prefix + "_image", image->id, false});
      facts_.push_back({prefix + "_hash", image->content, false});
      services_.has_image(i, image->id);
    }
    if (job_.services.empty() || past_.has_plan()) return std::nullopt;
    return tell_or_end(recorded_environment());
  }

  static bool is_of_service(const Unprepared& unprepared) {
    return unprepared.why == Unprepared::Why::engine && ports::fault_of(unprepared.error) != ports::EngineFault::gone;
  }

  std::optional<End> start_services() {
    const auto started = services_.start({.run_id = job_.run_id,
                                          .image_id = {},
                                          .network_id = network_->id(),
                                          .cpus = placement_.service_cpus,
                                          .beside_loader = placement_.service_cpus == placement_.load_cpus,
                                          .request = job_.profile.database.value_or(model::DatabaseRequest{})},
                                         stop_);
    return started ? leave_out_without_services() : cut_off_by_engine(started.error().message);
  }

  // One that has ended would fail every later trial that asks for it.
  std::optional<End> start_ended_services() {
    const auto started = services_.start_ended(stop_);
    return started ? leave_out_without_services() : cut_off_by_engine(started.error().message);
  }

  // The stacks whose services cannot be had; the run ends where none is left, or one of two that are compared.
  std::optional<End> leave_out_without_services() {
    std::string first;
    bool is_one_left = false;
    for (const auto& planned : plan_.cases) {
      const std::string why = services_.why_without(planned.stack);
      if (!why.empty()) outcomes_.give_up(planned.stack.name, why);
      else is_one_left = true;
      if (first.empty()) first = why;
    }
    const bool is_end = !first.empty() && (!is_one_left || job_.request.compare);
    return is_end ? std::optional(End{RunState::failed, first}) : std::nullopt;
  }

  void leave_network() {
    services_.remove();
    network_.reset();
  }

  std::optional<End> run_trials() {
    if (auto end = enter(RunState::running)) return end;
    ProgressMeter meter(expected_trials(plan_), plan_.profile.blocks);
    for (std::size_t i = 0; i < plan_.trials.size(); ++i) {
      if (stop_.stop_requested()) return End{RunState::cancelled, "cancelled"};
      if (const model::Trial* const kept = past_.finished(plan_.trials[i].index)) {
        meter.begin_trial(i, rig_.host.clock().now());
        meter.end_trial(rig_.host.clock().now(), false);
        count(plan_.trials[i], {kept->state, kept->failure, kept->reason});
      } else if (is_left_out(plan_.trials[i])) {
        // What is left of a comparison has one side.
        if (job_.request.compare && plan_.trials[i].kind == model::TrialKind::load) break;
        continue;
      } else {
        if (auto end = check_room()) return end;
        if (auto end = clear_stage()) return end;
        if (auto end = check_budget(plan_.trials[i].block)) return end;
        if (!comparison_end_.empty()) return std::nullopt;
        if (auto end = run_trial(i, meter)) return end;
      }
      for (std::size_t later = i + 1; later < plan_.trials.size(); ++later) {
        if (is_left_out(plan_.trials[later])) meter.leave_out(later);
      }
    }
    return job_.request.compare ? look(plan_.profile.blocks, "") : std::nullopt;
  }

  // At a run that goes on until two stacks are told apart, after so many blocks; `over`: why no more of them can be measured. Sets
  // comparison_end_ where it ends.
  std::optional<End> look(int blocks, const std::string& over) {
    const model::RunComparison& compare = *job_.request.compare;
    const auto measured = executor_.calls_.measured(job_.run_id);
    if (!measured) return End{RunState::interrupted, "reading what it has measured: " + measured.error().message};
    const auto case_of = [this](const std::string& stack) {
      const auto found = std::find_if(plan_.cases.begin(), plan_.cases.end(),
                                      [&](const model::Case& one) { return one.stack.name == stack; });
      return found == plan_.cases.end() ? "" : found->name;
    };
    const results::PairStanding standing = results::standing_of(*measured, {case_of(compare.a), case_of(compare.b)},
                                                                compare.metrics, {blocks, plan_.profile.blocks});
    const model::ComparisonLooked& seen = standing.look;
    if (auto end = tell_or_end(seen)) return end;
    const bool is_decided = seen.undecided.empty() && seen.blocks >= results::kTrialsToDecide;
    if (is_decided && seen.decided > 0) {
      comparison_end_ = fmt::format("decided after {} of at most {} blocks", seen.blocks, seen.most);
    } else if (is_decided || !over.empty() || seen.blocks >= seen.most) {
      const std::string why = over.empty() ? "ended after " + blocks_text(seen.blocks) : over;
      comparison_end_ = fmt::format("{}: {}", why, model::describe_standing(seen));
    }
    if (!comparison_end_.empty() && standing.left_out > 0)
      comparison_end_ += fmt::format("; {} could not be decided", standing.left_out);
    return std::nullopt;
  }

  std::optional<End> run_trial(std::size_t index, ProgressMeter& meter) {
    model::PlannedTrial& planned = plan_.trials[index];
    planned.attempt = past_.next_attempt(planned.index);
    const std::string& image = images_[stack_of(planned)];
    const std::string verification = verification_key(planned);
    TrialInput input{.run_id = job_.run_id,
                     .plan = plan_,
                     .planned = planned,
                     .app_image = image,
                     .sandbox_image = sandbox_image_,
                     .network_id = network_->id(),
                     .services = services_.of(plan_.cases[static_cast<std::size_t>(planned.case_index)].stack),
                     .full_verification = !executor_.calls_.was_verified(verification),
                     .is_interrupted = interrupting_};
    meter.begin_trial(index, rig_.host.clock().now());
    const TrialReport report = Trial(rig_, std::move(input), meter, stop_).run();
    meter.end_trial(rig_.host.clock().now(), report.state == model::TrialState::succeeded);
    if (report.verified) executor_.calls_.remember_verified(verification, image);
    if (model::is_result(report.state)) ++finished_;
    count(planned, {report.state, report.failure, report.reason});
    if (report.reach == Reach::engine) return cut_off_by_engine(report.reason);
    if (report.reach == Reach::journal) return cut_off(report.reason);
    if (report.reach == Reach::run) return End{RunState::failed, report.reason};
    return report.reach == Reach::services ? start_ended_services() : std::nullopt;
  }

  void count(const model::PlannedTrial& planned, const TrialOutcome& outcome) {
    outcomes_.count(stack_of(planned), planned.kind, outcome);
  }

  // What was measured so far stays.
  std::optional<End> check_budget(int block) {
    const auto& compare = job_.request.compare;
    if (!budget_) budget_.emplace(compare ? compare->within : job_.request.budget, begin_, expected_blocks(plan_));
    const MonotonicTime now = rig_.host.clock().now();
    const bool is_begun = block == block_;
    const std::string over =
        is_begun ? budget_->why_over(now) : budget_->begin_block(static_cast<std::size_t>(block) - 1, now);
    block_ = block;
    if (compare) {
      if (!over.empty())
        return look(block - 1, format_span(*compare->within) + " used up after " + blocks_text(block - 1));
      return is_begun || !stats::is_look(block - 1, plan_.profile.blocks) ? std::nullopt : look(block - 1, "");
    }
    if (over.empty()) return std::nullopt;
    return End{RunState::timed_out, and_failures(over)};
  }

  std::string and_failures(const std::string& words) const {
    const std::string failures = outcomes_.failures();
    return words.empty() || failures.empty() ? words + failures : words + "; " + failures;
  }

  // Verified in full is this image, started so, with these services, asked this.
  std::string verification_key(const model::PlannedTrial& planned) const {
    const auto& planned_case = plan_.cases[static_cast<std::size_t>(planned.case_index)];
    const auto& stack = planned_case.stack;
    const VerifiedWork work{.image_id = images_.at(stack.name),
                            .stack = stack,
                            .mode = planned_case.mode,
                            .app_cpus = plan_.placement.app_cpus.size(),
                            .phases = phases_for(stack, plan_.profile),
                            .services = services_.contents_of(stack),
                            .database = plan_.profile.database};
    return verified_key(work);
  }

  const std::string& stack_of(const model::PlannedTrial& planned) const {
    return plan_.cases[static_cast<std::size_t>(planned.case_index)].stack.name;
  }

  bool is_left_out(const model::PlannedTrial& planned) const {
    return outcomes_.is_left_out(stack_of(planned), planned.start_kind);
  }

  Status tell(const model::RunEvent& event) {
    const auto written = rig_.journal.append(job_.run_id, rig_.host.clock().wall_now(), event);
    return written ? Status() : fail(written.error());
  }
  std::optional<End> tell_or_end(const model::RunEvent& event) {
    const Status told = tell(event);
    return told ? std::nullopt : std::optional(journal_end(told.error()));
  }
  std::optional<End> enter(RunState state) { return tell_or_end(model::RunStateChanged{state, {}}); }
  End journal_end(const Error& error) {
    const std::string why = "writing the journal: " + error.message;
    return ports::may_be_told_later(error) ? cut_off(why) : End{RunState::failed, why};
  }

  Executor& executor_;
  RunStamps stamps_;
  const Rig rig_;
  const model::Job& job_;
  std::stop_token stop_;
  const std::function<bool()>& interrupting_;
  PresentBuild unwatched_;
  PresentBuild& present_;

  MonotonicTime begin_ = rig_.host.clock().now();
  std::optional<BlockBudget> budget_;  // once there is a plan
  int block_ = 0;                      // that a trial has begun in
  ports::EngineDescription engine_;
  std::vector<model::Fact> facts_;  // of the host, then of the services
  model::Placement placement_;
  std::optional<ConfinedDaemon> daemon_;  // off the app's CPUs until the run has ended
  Resumption past_{RunPast{}};
  int finished_ = 0;  // trials, those of before included
  model::Plan plan_;
  std::string sandbox_image_;
  std::optional<NetworkGuard> network_;
  RunServices services_{rig_, job_.services};  // on the network: they go before it
  std::map<std::string, std::string> images_;  // stack → image id
  StackOutcomes outcomes_;
  std::string cut_;             // why the run goes on later; empty: it does not
  std::string comparison_end_;  // why a run that goes on until two stacks are told apart ends now; empty: it goes on
};

Executed Executor::execute(const model::Job& job, std::stop_token stop, const std::function<bool()>& interrupting) {
  return Execution(*this, job, std::move(stop), interrupting).execute();
}

}  // namespace dyno::run
