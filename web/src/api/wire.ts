// The decoders of every answer that the page asks for. The shapes are those of /api/v1/openapi.json.
import type { Build, BuildList, LiveBuild } from '../model/build';
import type { Catalog, FileProblem, PhasePlan, Profile, Stack } from '../model/catalog';
import type { Compared, ComparedSide, Comparison, Difference, Figured } from '../model/compare';
import type { Annotation, Line, Metric, Point, Segment, Series, SeriesList } from '../model/history';
import type { Leaderboard, Ranked, Ranking } from '../model/leaderboard';
import type { LiveSample, RunEvent } from '../model/live';
import { isMetric, type MetricName } from '../model/metric';
import type { Objective, ObjectiveList } from '../model/objective';
import type { Pool } from '../model/pool';
import type { Fault, Problem } from '../model/problem';
import type {
  Change,
  Environment,
  Gate,
  Progress,
  Queue,
  Run,
  RunComparison,
  RunList,
  RunStack,
  Winner,
} from '../model/run';
import type { Due, Fire, Fit, Schedule } from '../model/schedule';
import type { Absence, Gap, Phase, PhaseList, Summary, SummaryList } from '../model/summary';
import type {
  Histogram,
  Measurement,
  Measurements,
  Memory,
  MinMaxLast,
  Reading,
  Samples,
  Seconds,
  Startup,
  Trial,
  Verdict,
} from '../model/trial';
import { DecodeError, type Decoder, flag, inTasks, list, map, number, object, pair, text, unread } from './decode';

const gate = object<Gate>({ gate: text, validity: text, text }, {});

// A metric that this page does not know is not passed over: its numbers would be missing without a word.
const metric: Decoder<MetricName> = (value, path) => {
  const name = text(value, path);
  if (!isMetric(name)) throw new DecodeError(path, `this page does not know the metric "${name}"; reload it`);
  return name;
};

const reading = object<Reading>(
  { metric, unit: text, validity: text, bound: text, gates: list(text) },
  { value: number, absent: text },
);

const verdict = object<Verdict>({ validity: text, bound: text, gates: list(gate) }, {});

export const progress = object<Progress>(
  { block: number, blocks: number, done_ratio: number },
  { case: text, step: text, phase: text, eta_at: text },
);

const runStack = object<RunStack>(
  { name: text },
  {
    title: text,
    runtime: text,
    class: text,
    hash: text,
    image: text,
    base_kind: text,
    bases: list(text),
    image_bytes: number,
    build_ns: number,
    reported_version: text,
    failure: text,
  },
);

const pool = object<Pool>(
  {
    nights: list(object<Pool['nights'][number]>({ run: text, at: text, blocks: number }, {})),
    blocks: number,
    blocks_needed: number,
    nights_needed: number,
    blocks_lacking: number,
    nights_lacking: number,
  },
  { schedule: text, ready_at: text },
);

export const run = object<Run>(
  {
    id: text,
    state: text,
    trigger: text,
    stacks: list(runStack),
    profile: object<Run['profile']>({ name: text }, { hash: text }),
    seed: text,
    blocks: number,
    created_at: text,
    warnings: list(gate),
    measured_ns: number,
    co_located: flag,
  },
  {
    schedule: text,
    note: text,
    retry_of: text,
    compare: object<RunComparison>({ a: text, b: text, blocks_measured: number }, { a_case: text, b_case: text }),
    started_at: text,
    finished_at: text,
    reason: text,
    resumed: number,
    progress,
    environment_key: text,
    expected_ns: number,
    excluded: text,
    verdicts: object<NonNullable<Run['verdicts']>>({ valid: number, degraded: number, invalid: number }, {}),
    winner: object<Winner>(
      { stack: text, case: text, phase: text, metric: text, n: number, cases: number, is_clear: flag },
      { value: number },
    ),
    decision: pool,
    change: object<Change>({ before: text, better: number, worse: number, same: number, inconclusive: number }, {}),
  },
);

export const runList = object<RunList>({ items: list(run) }, { next: text });

export const queue = object<Queue>(
  {
    items: list(
      object<Queue['items'][number]>({ run: text, position: number, reason: text }, { begins_at: text, ends_at: text }),
    ),
  },
  { held: object<NonNullable<Queue['held']>>({ reason: text, since: text, text }, {}) },
);

export const environment = object<Environment>(
  {
    key: text,
    facts: list(object<Environment['facts'][number]>({ name: text, value: text, in_key: flag }, {})),
    warnings: list(gate),
  },
  {},
);

const summary = object<Summary>(
  {
    run: text,
    case: text,
    stack: text,
    metric,
    title: text,
    unit: text,
    better: text,
    value: number,
    n: number,
    values: list(number),
    validity: text,
    bound: text,
  },
  { phase: text, ci95: pair, range: pair, gates: list(gate) },
);

const gap = object<Gap>({ case: text, phase: text, reason: text }, {});

const absence = object<Absence>({ case: text, metric, reason: text }, { phase: text });

export const summaryList = object<SummaryList>(
  { run: text, items: list(summary) },
  { environment_key: text, phases: list(text), cases: list(text), gaps: list(gap), absent: list(absence) },
);

export const phaseList = object<PhaseList>(
  { run: text, items: list(object<Phase>({ phase: text, loop: text, cases: number, trials: number }, {})) },
  {},
);

const side = object<ComparedSide>(
  { ref: text, runs: list(text), created_at: text, environment_key: text, profile: text },
  { case: text, nights: list(object<{ blocks: number }>({ blocks: number }, {})) },
);

const figured = object<Figured>({ value: number, n: number, validity: text, bound: text }, { ci95: pair, range: pair });

const compared = object<Compared>(
  {
    case: text,
    stack: text,
    metric,
    title: text,
    unit: text,
    better: text,
    a: figured,
    b: figured,
    design: text,
    band_percent: number,
  },
  {
    phase: text,
    n: number,
    ratio: number,
    ci95: pair,
    confidence: number,
    mde_percent: number,
    decision: text,
    doubt: text,
  },
);

export const comparison = object<Comparison>(
  {
    a: side,
    b: side,
    same_environment: flag,
    differences: list(object<Difference>({ what: text, in_key: flag }, { stack: text, a: text, b: text })),
    items: list(compared),
    decisions: object<Comparison['decisions']>(
      { better: number, worse: number, same: number, inconclusive: number },
      {},
    ),
  },
  { look: object<NonNullable<Comparison['look']>>({ blocks: number, blocks_at_most: number }, {}) },
);

const ranking = object<Ranking>(
  {
    metric,
    title: text,
    unit: text,
    better: text,
    ranked: number,
    pairs: number,
    rows: list(
      object<Ranked>(
        {
          case: text,
          stack: text,
          title: text,
          language: text,
          class: text,
          mode: text,
          n: number,
          nights: number,
          nights_differ: flag,
          standing: text,
          run: text,
          at: text,
        },
        {
          value: number,
          ci95: pair,
          range: pair,
          validity: text,
          bound: text,
          why: text,
          rank: pair,
          group: number,
          ratio: number,
          ratio_ci95: pair,
        },
      ),
    ),
  },
  { phase: text, workload: text, phases: list(text) },
);

type LeaderboardHead = Omit<Leaderboard, 'boards' | 'overall'> & { boards: unknown[]; overall: unknown[] };

const leaderboardHead = object<LeaderboardHead>(
  { profile: text, environment_key: text, at: text, boards: list(unread), overall: list(unread) },
  { pool },
);

// Hundreds of stacks in a dozen phases are thousands of rows.
export const leaderboard = async (value: unknown, path: string): Promise<Leaderboard> => {
  const head = leaderboardHead(value, path);
  return {
    ...head,
    boards: await inTasks(head.boards, ranking, `${path}/boards`),
    overall: await inTasks(head.overall, ranking, `${path}/overall`),
  };
};

const series = object<Series>(
  { id: text, profile: text, case: text, stack: text, metric, title: text, unit: text, better: text },
  { phase: text, last_at: text },
);

export const seriesList = object<SeriesList>({ items: list(series) }, { next: text });

export const line = object<Line>(
  {
    series,
    in_all: number,
    segments: list(
      object<Segment>(
        {
          first_at: text,
          last_at: text,
          points: number,
          environment_key: text,
          class: text,
          profile_hash: text,
          breaks: list(text),
        },
        {},
      ),
    ),
    annotations: list(object<Annotation>({ kind: text, at: text, run: text, text }, {})),
    items: list(
      object<Point>(
        { at: text, run: text, segment: number, n: number, validity: text, bound: text },
        { value: number, ci95: pair, range: pair },
      ),
    ),
  },
  {},
);

// Names are not held against those that this page knows: a list of what there is may have more.
export const metricList = object<{ items: Metric[] }>(
  { items: list(object<Metric>({ name: text, title: text, unit: text, better: text, scope: text }, {})) },
  {},
);

const startup = object<Startup>(
  {
    kind: text,
    marks: object<Startup['marks']>(
      { start_call_ns: number },
      { exec_ns: number, listen_ns: number, first_good_ns: number, first_deep_ns: number },
    ),
    sandbox_ns: number,
    absent: map(text),
  },
  {},
);

const memory = object<Memory>(
  { absent: map(text) },
  { pss_bytes: number, private_bytes: number, docker_equivalent_bytes: number, cgroup_peak_bytes: number },
);

export const trial = object<Trial>(
  {
    id: text,
    run: text,
    index: number,
    block: number,
    case: text,
    stack: text,
    kind: text,
    state: text,
    started_at: text,
    stop_forced: flag,
    phases: list(text),
    readings: list(reading),
    verdict,
  },
  {
    attempt: number,
    failure: text,
    reason: text,
    last_output: text,
    finished_at: text,
    startup,
    idle: memory,
    retained: memory,
    stop_ns: number,
  },
);

export const trialList = object<{ items: Trial[] }>({ items: list(trial) }, {});

const measurement = object<Measurement>(
  {
    phase: text,
    loop: text,
    window_ns: number,
    counts: object<Measurement['counts']>(
      { good: number, sent: number, in_flight: number, bytes_received: number, errors: map(number) },
      {},
    ),
    readings: list(reading),
    verdict,
    histograms: list(text),
    transport: text,
    timer_mode: text,
  },
  { offered_per_s: number },
);

export const measurements = object<Measurements>({ trial: text, case: text, phases: list(measurement) }, {});

const minMaxLast = object<MinMaxLast>({ min: list(number), max: list(number), last: list(number) }, {});

export const samples = object<Samples>(
  {
    trial: text,
    case: text,
    origin: text,
    resolution_ns: number,
    phases: list(object<Samples['phases'][number]>({ phase: text, begin_ns: number, end_ns: number }, {})),
    at_ns: list(number),
    private_bytes: minMaxLast,
    docker_equivalent_bytes: minMaxLast,
    cpu_ns: list(number),
    throttled_ns: list(number),
  },
  {},
);

export const seconds = object<Seconds>(
  {
    trial: text,
    case: text,
    phases: list(
      object<Seconds['phases'][number]>(
        {
          phase: text,
          loop: text,
          seconds: list(
            object<Seconds['phases'][number]['seconds'][number]>(
              { second: number, good: number, errors: number },
              { p50_ns: number, p99_ns: number },
            ),
          ),
        },
        { begin_ns: number },
      ),
    ),
  },
  {},
);

export const histogram = object<Histogram>(
  { trial: text, phase: text, kind: text, count: number },
  {
    min_ns: number,
    max_ns: number,
    mean_ns: number,
    percentiles: list(object<NonNullable<Histogram['percentiles']>[number]>({ percent: number, value_ns: number }, {})),
  },
);

const fileProblem = object<FileProblem>({ file: text, code: text, detail: text }, { line: number, column: number });

const stack = object<Stack>(
  {
    name: text,
    title: text,
    runtime: text,
    runtime_version: text,
    framework: text,
    version: text,
    class: text,
    workloads: list(text),
  },
  { hash: text, hardened: flag, why_not_hardened: text },
);

const phasePlan = object<PhasePlan>(
  { name: text, workload: text, loop: text, connections: number, measure_ns: number },
  {},
);

const profile = object<Profile>(
  {
    name: text,
    purpose: text,
    blocks: number,
    phases: list(phasePlan),
    expected_ns: number,
  },
  {},
);

const due = object<Due>({ at: text, local: text }, { note: text });

const schedule = object<Schedule>(
  {
    name: text,
    stacks: list(text),
    profile: text,
    cron: text,
    time_zone: text,
    budget_ns: number,
    missed: text,
    overlap: text,
    enabled: flag,
    source: text,
  },
  {
    paused_at: text,
    problem: text,
    quiet_hours: text,
    fit: object<Fit>({ expected_ns: number, fits: flag }, { run: text }),
    next: due,
  },
);

const fire = object<Fire>(
  { schedule: text, nominal_at: text, recorded_at: text, folded: number },
  { run: text, state: text, skipped: text, reason: text },
);

function catalog<T>(item: Decoder<T>): Decoder<Catalog<T>> {
  return (value, path) => {
    const head = object<{ problems: FileProblem[] }>({ problems: list(fileProblem) }, {})(value, path);
    const body = object<{ items: unknown[] }>({ items: list(unread) }, {})(value, path);
    return { items: list(item)(body.items, `${path}/items`), problems: head.problems };
  };
}

export const oneStack = stack;
export const stackList = catalog(stack);
export const profileList = catalog(profile);
export const oneSchedule = schedule;
export const scheduleList = catalog(schedule);
export const dueList = object<{ items: Due[] }>({ items: list(due) }, {});
export const fireList = object<{ items: Fire[] }>({ items: list(fire) }, {});

export const runEvent = object<RunEvent>(
  { id: number, run: text, at: text, kind: text, text },
  { trial: text, case: text, step: text, phase: text, state: text, progress },
);

export const liveSample = object<LiveSample>(
  { run: text, progress, rate_per_s: number, errors: number },
  { p99_ns: number, private_bytes: number },
);

export const liveBuild = object<LiveBuild>(
  { run: text, owner: text, name: text, lines: number, last_lines: list(text) },
  { step: text },
);

export const objectiveList = object<ObjectiveList>(
  {
    run: text,
    items: list(
      object<Objective>(
        {
          case: text,
          stack: text,
          objective: text,
          state: text,
          metric,
          title: text,
          unit: text,
          side: text,
          limit: number,
          n: number,
          file: text,
          line: number,
        },
        {
          reason: text,
          phase: text,
          value: number,
          ci95_low: number,
          ci95_high: number,
          confidence: number,
          other_phases: list(text),
        },
      ),
    ),
  },
  {},
);

export const buildList = object<BuildList>(
  {
    run: text,
    items: list(
      object<Build>(
        { name: text, owner: text, state: text, lines: number, log_bytes: number },
        { step: text, duration_ns: number },
      ),
    ),
  },
  {},
);

const fault = object<Fault>(
  { detail: text, code: text },
  { pointer: text, file: text, line: number, column: number, parameter: text },
);

export const problem = object<Problem>({ title: text, detail: text, status: number }, { errors: list(fault) });
