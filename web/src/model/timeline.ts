// Samples of a trial made ready to draw: a gap in time stays a gap, and CPU time becomes cores. Pure.
import type { Samples } from './trial';

interface Timeline {
  at_s: number[];
  private_bytes: (number | null)[];
  docker_equivalent_bytes: (number | null)[];
  cores: (number | null)[];
  gap: boolean[]; // true at the points that were put in to break the lines
}

// `undefined`: the line goes on, another one has a point there; `null`: it breaks.
export type Course = (number | null | undefined)[];

export type Points = ReadonlyMap<number, number | null>;

export function pointsOf(at: number[], values: (number | null)[]): Points {
  return new Map(at.map((each, i) => [each, values[i] ?? null]));
}

// Lines that have times of their own: all of these times, and each line at all of them.
export function onOneAxis(all: Points[]): { at: number[]; lines: Course[] } {
  const at = [...new Set(all.flatMap((points) => [...points.keys()]))].sort((a, b) => a - b);
  return { at, lines: all.map((points) => at.map((each) => points.get(each))) };
}

const kGapSteps = 3;

export function timelineOf(samples: Samples): Timeline {
  const out: Timeline = { at_s: [], private_bytes: [], docker_equivalent_bytes: [], cores: [], gap: [] };
  const step = usualStep(samples.at_ns);
  samples.at_ns.forEach((at, i) => {
    const before = i === 0 ? undefined : samples.at_ns[i - 1];
    const broken = before !== undefined && at - before > kGapSteps * step;
    if (broken) push(out, (before + step) / 1e9, null, null, null, true);
    const cpu = (samples.cpu_ns[i] ?? 0) - (samples.cpu_ns[i - 1] ?? 0);
    const cores = before === undefined || broken ? null : cpu / (at - before);
    // The upper edge of a bucket: a spike between two drawn points must not vanish.
    push(out, at / 1e9, samples.private_bytes.max[i], samples.docker_equivalent_bytes.max[i], cores, false);
  });
  return out;
}

function push(
  out: Timeline,
  at: number,
  own: number | null | undefined,
  docker: number | null | undefined,
  cores: number | null,
  gap: boolean,
): void {
  out.at_s.push(at);
  out.private_bytes.push(own ?? null);
  out.docker_equivalent_bytes.push(docker ?? null);
  out.cores.push(cores);
  out.gap.push(gap);
}

function usualStep(at: number[]): number {
  const steps = at.slice(1).map((each, i) => each - (at[i] as number));
  steps.sort((a, b) => a - b);
  return steps[Math.floor(steps.length / 2)] ?? 1e8;
}

export function greatestOf(course: Course): number {
  let greatest = 0;
  for (const value of course) if (typeof value === 'number' && value > greatest) greatest = value;
  return greatest;
}
