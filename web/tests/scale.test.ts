import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { percentileLabel, percentileToX, share, supportedQuantile, ticksTo, xToPercentile } from '../src/model/scale';

describe('scales', () => {
  it('reach the greatest value in round steps, from 0', () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-6, max: 1e12, noNaN: true }), (greatest) => {
        const ticks = ticksTo(greatest);
        expect(ticks[0]).toBe(0);
        expect(ticks[ticks.length - 1]).toBeGreaterThanOrEqual(greatest * 0.99999);
        expect(ticks.length).toBeLessThanOrEqual(7);
        expect(ticks.length).toBeGreaterThanOrEqual(3);
      }),
    );
    expect(ticksTo(0)).toEqual([0, 1]);
    expect(ticksTo(38)).toEqual([0, 10, 20, 30, 40]);
  });

  it('place percentiles by the share that is beyond them', () => {
    expect(percentileToX(0)).toBeCloseTo(0);
    expect(percentileToX(0.99)).toBeCloseTo(2);
    expect(xToPercentile(3)).toBeCloseTo(0.999);
    expect([0, 1, 2, 3, 4].map(percentileLabel)).toEqual(['0', '90', '99', '99.9', '99.99']);
  });

  it('end where the number of answers ends', () => {
    expect(supportedQuantile(1000)).toBeCloseTo(0.99);
    expect(supportedQuantile(10_000)).toBeCloseTo(0.999);
    expect(supportedQuantile(5)).toBe(0.5);
  });

  it('stay on the axis', () => {
    expect(share(50, 200)).toBe(25);
    expect(share(500, 200)).toBe(100);
    expect(share(-1, 200)).toBe(0);
    expect(share(1, 0)).toBe(0);
  });
});
