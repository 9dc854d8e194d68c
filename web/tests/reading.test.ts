import { describe, expect, it } from 'vitest';
import * as wire from '../src/api/wire';
import { type Run, strongest, tellsFailures, trialsTitle } from '../src/model/run';
import { figureOf, gateWords, type Measurement, readingOf, startMetricOf, struckWords } from '../src/model/trial';
import { fixture } from './fixtures';

function spoilt(): Measurement {
  const [phase] = wire.measurements(fixture('measurements'), '').phases;
  if (!phase) throw new Error('the example has no phase');
  return {
    ...phase,
    readings: phase.readings.map((r) =>
      r.metric === 'throughput_per_s' ? { ...r, validity: 'invalid', gates: ['loader_cpu'] } : r,
    ),
    verdict: {
      validity: 'invalid',
      bound: 'loader',
      gates: [
        { gate: 'loader_cpu', validity: 'invalid', text: 'Busy.' },
        { gate: 'sampler', validity: 'degraded', text: 'Late.' },
      ],
    },
  };
}

describe('a reading', () => {
  it('has a standing of its own and the words of the gates that judge it', () => {
    const phase = spoilt();
    const throughput = readingOf(phase, 'throughput_per_s');
    const cpu = readingOf(phase, 'app_cpu_ns_per_request');
    expect(throughput?.validity).toBe('invalid');
    expect(struckWords(phase, 'throughput_per_s')).toBe('Busy.');
    expect(struckWords(phase, 'app_cpu_ns_per_request')).toBeUndefined();
    expect(throughput && gateWords(phase, throughput)).toEqual(['Busy.']);
    expect(cpu?.validity).toBe('valid');
    expect(cpu && gateWords(phase, cpu)).toEqual([]);
    expect(figureOf(phase, 'latency_p99_ns')).toBeUndefined();
  });

  it('of a metric that the page does not know is refused with words', () => {
    const trial = fixture('trial') as { readings: { metric: string }[] };
    const readings = [{ ...trial.readings[0], metric: 'brand_new_ns' }];
    expect(() => wire.trial({ ...trial, readings }, '')).toThrow(/does not know the metric "brand_new_ns"/);
  });
});

describe('the run that leads the first page (issue 14, row 16)', () => {
  const [template] = wire.runList(fixture('runs'), '').items.filter((each) => each.state === 'succeeded') as [Run];
  const made = (id: string, change: Partial<Run>): Run => ({ ...template, id, ...change });
  const smoke = made('smoke', {
    blocks: 1,
    state: 'partly',
    reason: 'flask: wrong_body',
    created_at: '2026-11-28T00:00:00Z',
  });
  const night = made('night', { blocks: 6, created_at: '2026-11-27T00:00:00Z' });
  const failed = made('failed', { state: 'failed', blocks: 20, created_at: '2026-11-29T00:00:00Z' });

  it('has the best evidence, not the latest date', () => {
    expect(strongest([failed, smoke, night])?.id).toBe('night');
    expect(strongest([smoke, failed])?.id).toBe('smoke');
    expect(strongest([failed])).toBeUndefined();
    expect(tellsFailures({ ...night, reason: 'go-gin: exited_early: status 1' })).toBe(true);
    expect(tellsFailures({ ...night, reason: 'decided after 14 of at most 40 blocks' })).toBe(false);
    expect(tellsFailures({ ...night, reason: '15 min used up after 22 blocks: 3 of 4 decided; undecided: p50' })).toBe(
      false,
    );
  });

  it('is the newest of equals, and more than enough trials are no better than enough', () => {
    const long = made('long', { blocks: 40, created_at: '2026-11-20T00:00:00Z' });
    const enough = made('enough', { blocks: 10, created_at: '2026-11-26T00:00:00Z' });
    expect(strongest([smoke, night, enough, long])?.id).toBe('enough');
  });

  it('counts the blocks that were measured, where a comparison ended before its last', () => {
    const compare = { a: 'orders@main', b: 'orders', blocks_measured: 4 };
    const compared = made('compared', { blocks: 40, compare, created_at: '2026-11-30T00:00:00Z' });
    expect(strongest([night, compared])?.id).toBe('night');
    expect(trialsTitle(compared)).toBe('4 trials');
    expect(trialsTitle({ ...compared, state: 'running' })).toBe('at most 40 trials');
    expect(trialsTitle(night)).toBe('6 trials');
  });
});

describe('a start', () => {
  it('that was cache-cold has its own metric', () => {
    const trial = wire.trial(fixture('trial'), '');
    expect(startMetricOf(trial)).toBe('app_startup_ns');
    const startup = { ...(trial.startup as NonNullable<typeof trial.startup>), kind: 'cache_cold' };
    expect(startMetricOf({ ...trial, startup })).toBe('app_startup_cache_cold_ns');
  });
});
