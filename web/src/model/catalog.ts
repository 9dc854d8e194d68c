// What can be run: stacks and profiles, as far as the page needs them.

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
}

export interface Catalog<T> {
  items: T[];
  problems: FileProblem[];
}
