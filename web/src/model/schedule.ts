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
  next?: Due;
}

export interface Fire {
  schedule: string;
  nominal_at: string;
  recorded_at: string;
  run?: string;
  skipped?: string;
  reason?: string;
  folded: number;
}
