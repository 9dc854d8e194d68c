// What each view shows of a run's summaries, and so what it asks for. Pure. A metric that a view shows and does not ask for
// would be missing on the page: the browser tests compare each table with the API.
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

// What leads: the headline of a board, whatever its loop.
export function headlineOf(phase: string | undefined): Selected {
  return {
    phase: phase === undefined ? [''] : [phase],
    ...kMatrix,
  };
}

export const kStarts: Selected = { phase: [''], metric: ['app_startup_ns', 'app_startup_cache_cold_ns'] };
