// The build of an image in a run, and where in its log to look. Pure.
export interface Build {
  name: string; // of the stack or service
  owner: string;
  state: string; // running, succeeded, failed
  step?: string; // "Step 5/9 : RUN make"
  lines: number;
  log_bytes: number;
  duration_ns?: number;
}

export interface BuildList {
  run: string;
  items: Build[];
}

// The build that goes on.
export interface LiveBuild {
  run: string;
  owner: string;
  name: string;
  step?: string;
  lines: number;
  last_lines: string[];
}

const kError = /\b(error|fatal|panic|exception|traceback)\b/i;
const kNoError = /\b(0|no) errors?\b/i;

// The line that the reader wants to see first: the first that tells of an error, otherwise the last.
export function firstError(lines: readonly string[]): number {
  const found = lines.findIndex((line) => kError.test(line) && !kNoError.test(line));
  return found >= 0 ? found : Math.max(lines.length - 1, 0);
}

// "Step 5/9 : RUN make" as people say it.
export function stepWords(step: string): string {
  const parts = /^Step (\d+)\/(\d+) : (.*)$/.exec(step);
  return parts === null ? step : `step ${parts[1]} of ${parts[2]}: ${parts[3]}`;
}
