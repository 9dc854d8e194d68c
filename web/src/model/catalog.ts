// What can be run: stacks and profiles, with the fields that the page needs.
import { aboutSpan, count } from './units';

export interface FileProblem {
  file: string;
  line?: number;
  column?: number;
  code: string;
  detail: string;
}

export interface Stack {
  name: string;
  title: string;
  runtime: string;
  runtime_version: string;
  framework: string;
  version: string;
  class: string;
  workloads: string[];
}

export interface PhasePlan {
  name: string;
  workload: string;
  loop: string;
  connections: number;
  measure_ns: number;
}

export interface Profile {
  name: string;
  purpose: string;
  blocks: number;
  phases: PhasePlan[];
  warm_up: { kind: string; each_ns: number; min_ns: number };
  memory: { idle_ns: number; after_ns: number };
  startup: { warm: number; cache_cold: number };
}

export interface Catalog<T> {
  items: T[];
  problems: FileProblem[];
}

// What a start, a stop and the checks before the load take in a trial. As in the daemon's plan, measured on two CPUs.
const kStartStopNs = 2.2e9;
const kChecksNs = 3.5e9;

// The expected time of one stack under a profile.
function expectedNs(profile: Profile): number {
  const { warm_up, memory, startup } = profile;
  const warmUp = warm_up.kind === 'fixed' ? warm_up.each_ns : warm_up.min_ns;
  const loaded = profile.phases.reduce((sum, phase) => sum + warmUp + phase.measure_ns, 0);
  const trial = kStartStopNs + kChecksNs + memory.idle_ns + memory.after_ns + loaded;
  return profile.blocks * trial + (startup.warm + startup.cache_cold) * kStartStopNs;
}

// "4 phases, 2 blocks; about 1 min per stack, 10 min in all".
export function profileSentence(profile: Profile, stacks: number): string {
  const each = expectedNs(profile) / 1e9;
  const size = `${counted(profile.phases.length, 'phase')}, ${counted(profile.blocks, 'block')}`;
  const whole = stacks > 1 ? `, ${aboutSpan(each * stacks)} in all` : '';
  return `${size}; about ${aboutSpan(each)} per stack${whole}`;
}

function counted(value: number, one: string): string {
  return `${count(value)} ${value === 1 ? one : `${one}s`}`;
}
