// Schedules, their next due times and the outcomes of past ones.

export interface Due {
  at: string;
  local: string;
  note?: string;
}

export interface Schedule {
  name: string;
  stacks: string[];
  profile: string;
  cron: string;
  time_zone: string;
  budget_ns: number;
  missed: string;
  overlap: string;
  enabled: boolean;
  paused_at?: string;
  problem?: string;
  source: string; // file, api
  quiet_hours?: string;
  fit?: Fit;
  next?: Due;
}

// Whether a run ends within the budget; with a run, by what that took.
export interface Fit {
  expected_ns: number;
  fits: boolean;
  run?: string;
}

export const fires = (schedule: Schedule): boolean => schedule.enabled && schedule.paused_at === undefined;

export interface Fire {
  schedule: string;
  nominal_at: string;
  recorded_at: string;
  run?: string;
  state?: string; // of that run
  skipped?: string;
  reason?: string;
  folded: number;
}
