import { describe, expect, it } from 'vitest';
import { greatestOf, onOneAxis, pointsOf } from '../src/model/timeline';

describe('lines on one axis', () => {
  it('have the times of all, go on where only another has a point, and keep their gaps', () => {
    const { at, lines } = onOneAxis([pointsOf([0, 2, 3], [1, null, 5]), pointsOf([1, 2], [7, 8])]);
    expect(at).toEqual([0, 1, 2, 3]);
    expect(lines).toEqual([
      [1, undefined, null, 5],
      [undefined, 7, 8, undefined],
    ]);
    expect(lines.map(greatestOf)).toEqual([5, 8]);
  });

  it('of which one has no points are still as many', () => {
    expect(onOneAxis([pointsOf([], []), pointsOf([1], [7])])).toEqual({ at: [1], lines: [[undefined], [7]] });
  });
});
