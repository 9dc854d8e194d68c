import { describe, expect, it } from 'vitest';
import * as wire from '../src/api/wire';
import { figureOf, gateWords, type Measurement, readingOf } from '../src/model/trial';
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
