import { describe, expect, it } from 'vitest';
import { firstError, stepWords } from '../src/model/build';
import { kNothingYet, withBuild, withEvent } from '../src/model/live';

// Issue 14, row 19.
describe('the log of a build', () => {
  it('is shown from its first error, however many lines follow', () => {
    const noise = Array.from({ length: 400 }, (_, i) => `noise ${i}`);
    expect(firstError(['Step 1/2 : RUN make', '0 errors so far', 'main.c:7: error: no such type', ...noise])).toBe(2);
    expect(firstError(['one', 'two'])).toBe(1);
    expect(firstError([])).toBe(0);
  });

  it('names the step in words', () => {
    expect(stepWords('Step 5/9 : RUN npm ci')).toBe('step 5 of 9: RUN npm ci');
    expect(stepWords('something else')).toBe('something else');
  });

  it('is shown until its image is told of', () => {
    const build = { run: 'r', owner: 'stack', name: 'node-koa', lines: 1, last_lines: ['one'] };
    const live = withBuild(kNothingYet, build);
    expect(live.build).toEqual(build);
    const event = { id: 1, run: 'r', at: '2026-01-01T00:00:00Z', kind: 'build', text: 'node-koa: 1 line' };
    expect(withEvent(live, event).build).toBeUndefined();
  });
});
