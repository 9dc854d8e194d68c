import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { exact, grouped, percent, relative, scaleFor, significant, spell, withUnit } from '../src/model/units';

describe('units', () => {
  it.each([
    ['1/s', 21840, '21\u202f800/s'],
    ['1/s', 950.4, '950/s'],
    ['1/s', 9504, '9500/s'],
    ['ns', 45_123, '45.1\u00a0µs'],
    ['ns', 1_234_000, '1.23\u00a0ms'],
    ['ns', 279_757_000, '280\u00a0ms'],
    ['ns', 1_048_000_000, '1.05\u00a0s'],
    ['ns', 12, '12\u00a0ns'],
    ['B', 41_212_100, '39.3\u00a0MiB'],
    ['B', 512, '512\u00a0B'],
    ['B', 0, '0\u00a0B'],
    ['1', 0.99, '0.990'],
  ] as const)('shows %s %s as %s', (unit, value, text) => {
    expect(withUnit(unit, value)).toBe(text);
  });

  it('rounds up into the next place without losing a digit', () => {
    expect(significant(999.6)).toBe('1000');
    expect(significant(0.09996)).toBe('0.100');
  });

  it('shows the exact value next to the rounded one', () => {
    expect(exact('ns', 1_234_567)).toBe('1\u202f234\u202f567\u00a0ns');
    expect(exact('1/s', 21791.1)).toBe('21\u202f791.1/s');
  });

  it('never says 0 for what is not 0, and is true to three digits', () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-9, max: 1e15, noNaN: true }), (value) => {
        const back = Number(significant(value).replaceAll('\u202f', ''));
        expect(Math.abs(back - value) / value).toBeLessThan(0.0051);
      }),
    );
  });

  it('gives a column one scale', () => {
    expect(scaleFor('ns', 3_400_000).suffix.trim()).toBe('ms');
    expect(scaleFor('B', 3 * 1024 * 1024).divide).toBe(1024 ** 2);
  });

  it('groups from five digits on and keeps the sign', () => {
    expect(grouped('1234')).toBe('1234');
    expect(grouped('-1234567.25')).toBe('−1\u202f234\u202f567.25');
  });

  it('spells time as people do', () => {
    expect(spell(45)).toBe('45\u00a0s');
    expect(spell(200)).toBe('3\u00a0min 20\u00a0s');
    expect(spell(3900)).toBe('1\u00a0h 5\u00a0min');
    expect(percent(0.0012)).toBe('0.12\u00a0%');
    expect(relative('2026-11-23T02:00:30.000Z', Date.parse('2026-11-23T02:00:00.000Z'))).toBe('in 30\u00a0s');
    expect(relative('2026-11-23T02:00:00.000Z', Date.parse('2026-11-23T02:00:45.000Z'))).toBe('45\u00a0s ago');
  });
});
