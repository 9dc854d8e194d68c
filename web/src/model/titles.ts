// What phases, cases, gates, failures and limits are called where a person reads. `dyno` uses the same words: both are held
// against tests/data/wording.json. Pure.
import type { Run } from './run';
import { count, counted, grouped, withUnit } from './units';

const kWorkloads: Record<string, string> = {
  plaintext: 'Plaintext',
  json: 'JSON',
  items: 'Items',
  users: 'Users',
  db: 'Single query',
  queries: 'Queries',
  fortunes: 'Fortunes',
  updates: 'Updates',
  validate: 'Validation',
  cpu: 'CPU',
  cpu_offload: 'CPU (offloaded)',
  sse: 'Server-sent events',
  ws: 'WebSocket',
  upload: 'Upload',
  predict: 'Prediction',
};

interface PhaseName {
  workload: string;
  params: string[];
  connections: string;
  load: string | undefined; // of an open loop
}

// "json/c32/r30%json_cap" → "JSON · 30 % of its own maximum". The load of a closed loop is its connections, that of an open loop
// its rate; connections are added there only where two phases of `among` would read alike.
export function phaseTitle(name: string, among: readonly string[] = []): string {
  const title = shortTitle(name);
  if (!among.some((other) => other !== name && shortTitle(other) === title)) return title;
  const { connections } = parsed(name);
  return connections === '' || title.includes(connections) ? title : `${title} · ${connections}`;
}

function shortTitle(name: string): string {
  const [main = '', background] = name.split('+');
  const phase = parsed(main);
  const title = [phase.workload, ...phase.params, phase.load ?? phase.connections].filter(Boolean).join(' · ');
  if (background === undefined) return title;
  const other = parsed(background);
  return `${title}, background load: ${other.workload} (${[...other.params, other.connections].filter(Boolean).join(', ')})`;
}

function parsed(name: string): PhaseName {
  const [workload = '', ...parts] = (name.split('+')[0] ?? '').split('/');
  const phase: PhaseName = { workload: workloadTitle(workload), params: [], connections: '', load: undefined };
  for (const part of parts) {
    const [, key = '', digits = ''] = /^([a-z_]+?)(\d.*)$/.exec(part) ?? [];
    if (key === 'c') phase.connections = counted(Number(digits), 'connection');
    else if (key === 'r') phase.load = rateTitle(digits);
    else phase.params.push(key === '' ? part : paramTitle(key, Number(digits)));
  }
  return phase;
}

// By its name alone: where requests are due at a rate, the name has it.
export function isOpenLoop(name: string): boolean {
  return parsed(name).load !== undefined;
}

function workloadTitle(name: string): string {
  return kWorkloads[name] ?? name;
}

function rateTitle(text: string): string {
  const [number = '', cap] = text.split('%');
  if (cap === undefined) return `${grouped(String(Number(number)))}/s`;
  return `${number}\u00a0% of its own maximum`;
}

function paramTitle(key: string, value: number): string {
  switch (key) {
    case 'n':
      return `${count(value)} per request`;
    case 'count':
      return counted(value, 'item');
    case 'set':
      return counted(value, 'row');
    case 'hash':
      return counted(value, 'hash', 'hashes');
    case 'sieve':
      return `primes up to ${count(value)}`;
    case 'bytes':
      return withUnit('B', value);
    case 'subscribers':
      return counted(value, 'subscriber');
    default:
      return `${words(key)} ${count(value)}`;
  }
}

// The stack of that name; a page of hundreds asks for each of them in each phase.
const byName = new WeakMap<Run['stacks'], Map<string, Run['stacks'][number]>>();

export function stackOf(stacks: Run['stacks'], name: string): Run['stacks'][number] | undefined {
  let known = byName.get(stacks);
  if (known === undefined) {
    known = new Map(stacks.map((stack) => [stack.name, stack]));
    byName.set(stacks, known);
  }
  return known.get(name);
}

// "Fastify (TypeScript)", and the mode where it is not the usual one.
export function caseTitle(run: Pick<Run, 'stacks'>, name: string): string {
  const slash = name.lastIndexOf('/');
  const [stack, mode] = [name.slice(0, Math.max(0, slash)), name.slice(slash + 1)];
  const title = stackOf(run.stacks, stack)?.title ?? (stack === '' ? name : stack);
  return mode === 'single' || stack === '' ? title : `${title}, ${words(mode)}`;
}

const kGates: Record<string, string> = {
  loader_cpu: 'Load generator short of CPU',
  loader_starved: 'Load generator kept waiting for CPU',
  loader_late: 'Late requests',
  loader_lag: 'Load generator lag',
  little: "Little's law",
  errors: 'Errors',
  unanswered: 'Unanswered requests',
  deliveries: 'Faulty deliveries',
  streams: 'Streams ended early',
  no_answers: 'No good answers',
  service_lost: 'Service stopped',
  statements: 'Database statements',
  beside: 'Background load',
  app_lost: 'Stack stopped',
  oom: 'Out of memory',
  pids_exhausted: 'Out of processes',
  log_flood: 'Too much output',
  leaked: 'Memory keeps growing',
  throttling: 'CPU throttling',
  no_steady_state: 'No steady state',
  sampler: 'Late samples',
  cpu_edges: 'CPU reading times',
  clock: 'Clock jump or standstill',
  control: 'Machine speed changed',
  steal: 'CPU steal',
  foreign_load: 'Other processes',
  start_steal: 'CPU steal during start',
  start_foreign_load: 'Other processes during start',
  start_probe: 'Gap between probes',
  start_clock: 'Clock jump during start',
  idle_late: 'Late idle reading',
  retained_late: 'Late reading after load',
  co_located: 'Shared CPUs',
  governor: 'CPU frequency governor',
  load: 'Busy machine',
  swap: 'Swap in use',
  smt: 'Shared physical core',
  numa: 'Two NUMA nodes',
  daemon_cpus: 'Daemon on measured CPUs',
};

export function gateTitle(gate: string): string {
  return kGates[gate] ?? capitalised(words(gate));
}

const kFailures: Record<string, string> = {
  build_failed: 'could not be built',
  image_missing: 'image is not there',
  image_unfit: 'image does not say how it starts or where it listens',
  create_failed: 'container could not be created',
  never_ready: 'never became ready',
  exited_early: 'exited early',
  crashed: 'crashed',
  oom_killed: 'ran out of memory',
  wrong_body: 'gave a wrong answer',
  hung: 'stopped answering',
  too_many_errors: 'too many errors',
  sandbox_lost: 'sandbox was lost',
  service_lost: 'a service was lost',
  engine_lost: 'Docker stopped answering',
  loader_failed: 'load generator failed',
  cancelled: 'cancelled',
  wrong_queries: 'sent unexpected database statements',
  not_evicted: 'files stayed in the page cache',
  interfered: 'somebody else paused or removed a container',
  slow_drip: 'answers began and did not end',
  port_mismatch: 'listens on another port',
  machine_busy: 'the machine was busy with something else',
};

const kHolds: Record<string, string> = {
  engine_down: 'Docker does not answer',
  leftovers: 'Docker holds something of an earlier run',
  storage_full: 'The disk takes no writes',
  disk_low: 'The disk is nearly full',
};

// Why no run begins just now.
export function holdTitle(reason: string): string {
  return kHolds[reason] ?? words(reason);
}

export function failureTitle(failure: string): string {
  return kFailures[failure] ?? words(failure);
}

const kBounds: Record<string, string> = {
  loader: 'load generator',
  database: 'database',
  server: 'stack CPU',
  single_core: 'one thread',
  waiting: 'not CPU',
};

// What limited a throughput; empty where nothing is known.
export function boundTitle(bound: string): string {
  return bound === 'none' ? '' : (kBounds[bound] ?? words(bound));
}

// Said of a number that shows another limit than the stack's own.
export function limitTitle(bound: string): string {
  return bound === 'waiting' ? 'CPU not saturated' : `limited by ${boundTitle(bound)}`;
}

const kEnds: Record<string, string> = {
  succeeded: 'Finished',
  partly: 'Partly finished',
  failed: 'Failed',
  aborted: 'Aborted',
  cancelled: 'Cancelled',
  timed_out: 'Timed out',
  interrupted: 'Interrupted',
  skipped: 'Skipped',
};

// How a run ended: "Finished; 1 of 2 stacks failed".
export function outcomeTitle(state: string, failed: number, stacks: number): string {
  const end = kEnds[state] ?? capitalised(words(state));
  return failed === 0 ? end : `${end}; ${failed} of ${counted(stacks, 'stack')} failed`;
}

// Who started a run: its schedule, or somebody through the API.
export function starterTitle(trigger: string, schedule?: string): string {
  if (schedule !== undefined && schedule !== '') return `schedule ${schedule}`;
  return trigger === 'api' ? 'API (dashboard or dyno)' : words(trigger);
}

// The words that files have, and the documents.
export function missedTitle(policy: string): string {
  if (policy === 'run_once') return 'latest';
  return policy === 'skip' ? 'none' : words(policy);
}

// "Start-up time", without what stands in brackets.
export function withoutBrackets(title: string): string {
  return title.split(' (')[0] as string;
}

export function words(name: string): string {
  return name.replaceAll('_', ' ');
}

function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
