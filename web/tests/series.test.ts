import { describe, expect, it } from 'vitest';
import * as wire from '../src/api/wire';
import { kNothingYet, withEvent, withSample } from '../src/model/live';
import { spectrumOf } from '../src/model/spectrum';
import { timelineOf } from '../src/model/timeline';
import { figureOf } from '../src/model/trial';
import { middleStart, waterfallOf } from '../src/model/waterfall';
import { fixture } from './fixtures';

describe('the timeline', () => {
  const samples = wire.samples(fixture('samples'), '');
  const line = timelineOf(samples);

  it('keeps every sample and breaks the line between phases', () => {
    expect(line.gap.filter((g) => !g).length).toBe(samples.at_ns.length);
    expect(line.gap.filter((g) => g).length).toBe(samples.phases.length - 1);
    line.gap.forEach((gap, i) => {
      if (gap) expect(line.private_bytes[i]).toBeNull();
    });
    expect([...line.at_s].sort((a, b) => a - b)).toEqual(line.at_s);
  });

  it('turns CPU time into cores, and knows none at the first point after a gap', () => {
    expect(line.cores[0]).toBeNull();
    const second = ((samples.cpu_ns[1] as number) - (samples.cpu_ns[0] as number)) / 1e8;
    expect(line.cores[1]).toBeCloseTo(second);
    expect(line.cores[line.gap.indexOf(true) + 1]).toBeNull();
  });
});

describe('the spectrum', () => {
  const histogram = wire.histogram(fixture('histogram'), '');

  it('draws no further than the number of answers supports', () => {
    const few = { ...histogram, count: 1000 };
    expect(Math.max(...spectrumOf([few]).percent)).toBe(99);
    expect(Math.max(...spectrumOf([few, histogram]).percent)).toBe(99.9);
    expect(spectrumOf([few, histogram]).curves[0]?.at(-1)).toBeNull();
  });

  it('has no point at 100 % and no zero on a logarithmic axis', () => {
    const all = {
      ...histogram,
      percentiles: [
        { percent: 0, value_ns: 0 },
        { percent: 100, value_ns: 5 },
      ],
    };
    const spectrum = spectrumOf([all]);
    expect(spectrum.percent).toEqual([0]);
    expect(spectrum.curves[0]).toEqual([1000]);
  });
});

describe('the waterfall', () => {
  const trials = wire.trialList(fixture('trials'), '').items;

  it('adds up to the first good answer', () => {
    for (const { startup } of trials) {
      if (!startup) continue;
      const spans = waterfallOf(startup);
      expect(spans[0]?.from_ns).toBe(0);
      spans.slice(1).forEach((span, i) => {
        expect(span.from_ns).toBe(spans[i]?.to_ns);
      });
      expect(spans.at(-1)?.to_ns).toBe(startup.marks.first_deep_ns ?? startup.marks.first_good_ns);
    }
  });

  it('leaves out a mark that is absent', () => {
    const spans = waterfallOf({
      kind: 'warm',
      marks: { start_call_ns: 5, first_good_ns: 50 },
      sandbox_ns: 1,
      absent: {},
    });
    expect(spans.map((s) => [s.name, s.from_ns, s.to_ns])).toEqual([
      ['create', 0, 5],
      ['first response', 5, 50],
    ]);
  });

  it('shows a start that took place', () => {
    const own = trials.filter((t) => t.case === 'node-fastify/single');
    const middle = middleStart(own);
    const times = own.flatMap((t) => figureOf(t, 'app_startup_ns') ?? []).sort((a, b) => a - b);
    expect(figureOf(middle, 'app_startup_ns')).toBe(times[Math.floor((times.length - 1) / 2)]);
    expect(middleStart([])).toBeUndefined();
  });
});

describe('a run that is followed', () => {
  const event = wire.runEvent(fixture('event'), '');
  const done = wire.runEvent(fixture('event_state'), '');
  const sample = wire.liveSample(fixture('live_sample'), '');

  it('takes each event once and ends with the last state', () => {
    const live = [event, event, done, event].reduce(withEvent, kNothingYet);
    expect(live.log.map((e) => e.id)).toEqual([done.id, event.id]);
    expect(live.ended).toBe(true);
    expect(live.state).toBe('succeeded');
  });

  it('keeps two minutes of samples', () => {
    let live = kNothingYet;
    for (let i = 0; i < 300; i++) live = withSample(live, { ...sample, rate_per_s: i });
    expect(live.points.length).toBe(120);
    expect(live.points.at(-1)?.rate_per_s).toBe(299);
    expect(live.progress).toEqual(sample.progress);
  });
});
