import { describe, expect, it } from 'vitest';
import { greatestOf } from '../src/model/timeline';
import type { Measurement, Samples, Seconds, Trial } from '../src/model/trial';
import { markWords, trialCourseOf } from '../src/model/trial_course';
import { fixture } from './fixtures';

const trial = fixture('trial') as Trial;
const samples = fixture('samples') as Samples;
const seconds = fixture('seconds') as Seconds;
const measured = (fixture('measurements') as { phases: Measurement[] }).phases;
const late = { gate: 'loader_late', validity: 'degraded', text: 'Late by 3 %.' };
const marked = measured.map((one, i) => (i === 1 ? { ...one, verdict: { ...one.verdict, gates: [late] } } : one));

describe('the course of a trial', () => {
  const quiet = { ...trial, verdict: { ...trial.verdict, gates: [] } };
  const course = trialCourseOf(quiet, samples, seconds, marked);
  const at = (s: number) => course.at_s.findIndex((each) => Math.abs(each - s) < 1e-6);

  it('has every second of every phase at its middle, and breaks between phases', () => {
    const first = seconds.phases[0] as Seconds['phases'][number];
    const begin = (first.begin_ns as number) / 1e9;
    expect(first.seconds.map(({ second }) => course.rate[at(begin + second + 0.5)])).toEqual(
      first.seconds.map(({ good }) => good),
    );
    expect(course.rate[at(begin + first.seconds.length)]).toBeNull();
    expect(course.p99[at(begin + 0.5)]).toBe(first.seconds[0]?.p99_ns);
  });

  it('has every sample, on one axis that only grows', () => {
    expect(samples.at_ns.map((ns) => course.private_bytes[at(ns / 1e9)])).toEqual(samples.private_bytes.max);
    expect(course.at_s).toEqual([...new Set(course.at_s)].sort((a, b) => a - b));
    for (const line of [course.rate, course.p99, course.cores, course.private_bytes])
      expect(line).toHaveLength(course.at_s.length);
    expect(greatestOf(course.private_bytes)).toBe(Math.max(...samples.private_bytes.max));
  });

  it('marks where a gate judged a phase, and says what it said', () => {
    const begin = (samples.phases[1]?.begin_ns as number) / 1e9;
    expect(course.marks).toEqual([
      { at_s: begin, phase: 'json/c32', title: 'Late requests', text: 'Late by 3 %.', validity: 'degraded' },
    ]);
    expect(course.marks.map((mark) => markWords(mark, []))).toEqual([
      'JSON · 32 connections: Late requests (degraded). Late by 3 %.',
    ]);
    const whole = trialCourseOf({ ...quiet, verdict: { ...quiet.verdict, gates: [late] } }, samples, seconds, []);
    expect(whole.marks.map((mark) => markWords(mark, []))).toEqual([
      'The whole trial: Late requests (degraded). Late by 3 %.',
    ]);
  });

  it('goes without what is no longer kept', () => {
    const empty = {
      ...samples,
      phases: [],
      at_ns: [],
      cpu_ns: [],
      private_bytes: { min: [], max: [], last: [] },
      docker_equivalent_bytes: { min: [], max: [], last: [] },
    };
    expect(trialCourseOf(quiet, empty, { ...seconds, phases: [] }, measured).at_s).toEqual([]);
    const gone = { ...seconds, phases: seconds.phases.map((phase) => ({ ...phase, seconds: [] })) };
    expect(trialCourseOf(quiet, empty, gone, measured).at_s).toEqual([]);
    const alone = trialCourseOf(quiet, empty, seconds, measured);
    expect(alone.bands.map(({ phase }) => phase)).toEqual(seconds.phases.map(({ phase }) => phase));
  });
});
