// What can be run: stacks and profiles, with the fields that the page needs.
import { aboutSpan, counted } from './units';

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
  hash?: string;
  hardened?: boolean;
  why_not_hardened?: string;
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
  expected_ns: number; // of one stack, without its build
}

export interface Catalog<T> {
  items: T[];
  problems: FileProblem[];
}

// "4 phases, 2 blocks; about 1 min per stack".
export function profileSentence(profile: Profile): string {
  const size = `${counted(profile.phases.length, 'phase')}, ${counted(profile.blocks, 'block')}`;
  return `${size}; about ${aboutSpan(profile.expected_ns / 1e9)} per stack`;
}
