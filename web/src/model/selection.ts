// What each view shows of a run's summaries, and so what it asks for. Pure. A metric that a view shows and does not ask for
// would be missing on the page: the browser tests compare each table with the API.
import { type CompareRoute, type LeaderboardRoute, listed } from './route';

const kTimes = ['latency', 'service_time', 'delivery'].flatMap((times) =>
  ['p50', 'p90', 'p99', 'p999'].map((percentile) => `${times}_${percentile}_ns`),
);

const kMemory = [
  'idle_pss_bytes',
  'retained_pss_bytes',
  'idle_private_bytes',
  'retained_private_bytes',
  'loaded_private_median_bytes',
  'loaded_private_peak_bytes',
];

const kServices = [
  'service_cpu_ns_per_request',
  'service_cpu_cores',
  'service_private_median_bytes',
  'service_private_peak_bytes',
];

// The leaderboard, and the key figures of a case.
const kShown = [
  'throughput_per_s',
  'offered_per_s',
  'deliveries_per_s',
  'delivery_fault_ratio',
  'error_ratio',
  'app_cpu_ns_per_request',
  'app_startup_ns',
  'app_startup_cache_cold_ns',
  ...kTimes,
  ...kMemory,
  ...kServices,
];

interface Selected {
  phase: string[];
  metric: string[];
}

// One phase, and what belongs to the trials themselves: start-up and memory at rest.
export function shownOf(phase: string | undefined): Selected {
  return { phase: phase === undefined ? [''] : [phase, ''], metric: kShown };
}

// The matrix of a run: what leads in each phase.
export const kMatrix = {
  metric: ['throughput_per_s', 'offered_per_s', 'latency_p99_ns', 'delivery_p99_ns'],
};

// What failed in a run.
export const kFailed = { state: ['failed'] };

// What leads: the headline of a board, whatever its loop.
export function headlineOf(phase: string | undefined): Selected {
  return {
    phase: phase === undefined ? [''] : [phase],
    ...kMatrix,
  };
}

export const kStarts: Selected = { phase: [''], metric: ['app_startup_ns', 'app_startup_cache_cold_ns'] };

// What a person wants to see first; every figure is there on request.
export const kHeadlines = [
  'throughput_per_s',
  'latency_p99_ns',
  'delivery_p99_ns',
  'app_cpu_ns_per_request',
  'app_startup_ns',
  'idle_pss_bytes',
  'loaded_private_median_bytes',
];

// What a page asks by what stands in its address; the same for whoever asks it first.

export const kBefore = 'latest~1';
export const kAfter = 'latest';
export const kUsualMetric = 'throughput_per_s'; // of a history

// One case of a run against another: both are named, or neither.
export function comparedOf(route: CompareRoute): {
  a: string;
  b: string;
  wanted: Partial<Record<'a_case' | 'b_case' | 'metric', string[]>>;
} {
  const { a = kBefore, b = kAfter, a_case, b_case, figures } = route;
  const cases = a_case && b_case ? { a_case: [a_case], b_case: [b_case] } : {};
  return { a, b, wanted: { ...cases, ...(figures === 'all' ? {} : { metric: kHeadlines }) } };
}

// What decides which figures of a leaderboard there are; the filters choose among them.
export function wholeOf(route: LeaderboardRoute): Record<'metric' | 'profile' | 'run', string[]> {
  const { metric, profile, run } = route;
  return { metric: metric ? [metric] : [], profile: profile ? [profile] : [], run: listed(run) };
}
