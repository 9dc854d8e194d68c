// One trial from its container's creation on: rate, p99, CPU and memory on one axis of time, with its phases and the marks of gates. Pure.
import type { Gate } from './run';
import { type Course, onOneAxis, pointsOf, timelineOf } from './timeline';
import { gateTitle, phaseTitle } from './titles';
import type { Measurement, Samples, Seconds, Trial } from './trial';

export interface TrialCourse {
  at_s: number[];
  rate: Course;
  p99: Course;
  cores: Course;
  private_bytes: Course;
  bands: { phase: string; from: number; to: number }[];
  marks: GateMark[];
}

export interface GateMark {
  at_s: number;
  phase?: string; // none: of the whole trial
  title: string;
  text: string;
  validity: string;
}

export function trialCourseOf(trial: Trial, samples: Samples, seconds: Seconds, measured: Measurement[]): TrialCourse {
  const line = timelineOf(samples);
  const rate = new Map<number, number | null>();
  const p99 = new Map<number, number | null>();
  for (const { begin_ns, seconds: all } of seconds.phases) {
    if (begin_ns === undefined || all.length === 0) continue; // an older trial does not say when, or its seconds have gone
    const begin = begin_ns / 1e9;
    for (const one of all) {
      const at = begin + one.second + 0.5;
      rate.set(at, one.good);
      p99.set(at, one.p99_ns ?? null);
    }
    const end = begin + all.length;
    rate.set(end, null);
    p99.set(end, null);
  }
  const { at, lines } = onOneAxis([
    rate,
    p99,
    pointsOf(line.at_s, line.cores),
    pointsOf(line.at_s, line.private_bytes),
  ]);
  const [rates = [], p99s = [], cores = [], private_bytes = []] = lines;
  const bands = bandsOf(samples, seconds);
  return {
    at_s: at,
    rate: rates,
    p99: p99s,
    cores,
    private_bytes,
    bands,
    marks: marksOf(trial, measured, bands),
  };
}

function bandsOf(samples: Samples, seconds: Seconds): TrialCourse['bands'] {
  if (samples.phases.length > 0)
    return samples.phases.map(({ phase, begin_ns, end_ns }) => ({ phase, from: begin_ns / 1e9, to: end_ns / 1e9 }));
  return seconds.phases.flatMap(({ phase, begin_ns, seconds: all }) =>
    begin_ns === undefined ? [] : [{ phase, from: begin_ns / 1e9, to: begin_ns / 1e9 + all.length }],
  );
}

// Where the phase begins that a gate judged.
function marksOf(trial: Trial, measured: Measurement[], bands: TrialCourse['bands']): GateMark[] {
  const marks: GateMark[] = trial.verdict.gates.map((gate) => markOf(gate, 0));
  for (const { phase, verdict } of measured) {
    const band = bands.find((each) => each.phase === phase);
    if (band !== undefined) marks.push(...verdict.gates.map((gate) => ({ ...markOf(gate, band.from), phase })));
  }
  return marks;
}

function markOf({ gate, text, validity }: Gate, at_s: number): GateMark {
  return { at_s, title: gateTitle(gate), text, validity };
}

// "JSON · 32 connections: Late requests (degraded). The load generator …"
export function markWords(mark: GateMark, phases: readonly string[]): string {
  const where = mark.phase === undefined ? 'The whole trial' : phaseTitle(mark.phase, phases);
  return `${where}: ${mark.title} (${mark.validity}). ${mark.text}`;
}
