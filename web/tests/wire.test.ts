import { describe, expect, it } from 'vitest';
import { DecodeError, type Decoder } from '../src/api/decode';
import * as wire from '../src/api/wire';
import { fixture } from './fixtures';

const cases: [string, Decoder<unknown>][] = [
  ['run', wire.run],
  ['run_live', wire.run],
  ['run_queued', wire.run],
  ['runs', wire.runList],
  ['queue', wire.queue],
  ['environment', wire.environment],
  ['summaries', wire.summaryList],
  ['leaderboard', wire.leaderboard],
  ['trials', wire.trialList],
  ['trial', wire.trial],
  ['trial_failed', wire.trial],
  ['measurements', wire.measurements],
  ['samples', wire.samples],
  ['histogram', wire.histogram],
  ['stacks', wire.stackList],
  ['profiles', wire.profileList],
  ['schedules', wire.scheduleList],
  ['due', wire.dueList],
  ['fires', wire.fireList],
  ['event', wire.runEvent],
  ['event_state', wire.runEvent],
  ['live_sample', wire.liveSample],
  ['builds', wire.buildList],
  ['live_build', wire.liveBuild],
  ['problem', wire.problem],
  ['problem_file', wire.problem],
];

describe('the wire', () => {
  it.each(cases)('decodes %s, losing nothing of what it names', async (name, decode) => {
    const source = fixture(name);
    const value = await decode(source, '');
    expect(source).toMatchObject(value as object);
  });

  it('names the place that does not fit', () => {
    const run = fixture('run') as Record<string, unknown>;
    expect(() => wire.run({ ...run, blocks: 'two' }, '')).toThrow('/blocks: a number expected, string found');
    expect(() => wire.run({ ...run, stacks: [{}] }, '')).toThrow('/stacks/0/name: text expected, undefined found');
    expect(() => wire.run(null, '')).toThrow(DecodeError);
    expect(() => wire.run(null, '')).toThrow('the answer: an object expected, null found');
    expect(() => wire.runList({ items: [run, { ...run, stacks: [{ name: 'a', bases: ['x', 1] }] }] }, '')).toThrow(
      '/items/1/stacks/0/bases/1: text expected, number found',
    );
    expect(() => wire.summaryList({ run: '', items: [{ ...firstSummary(), ci95: [1] }] }, '')).toThrow('two numbers');
  });

  it('takes no null for a value: what was not measured is absent', () => {
    expect(() => wire.summaryList({ run: '', items: [{ ...firstSummary(), value: null }] }, '')).toThrow(
      '/items/0/value',
    );
    expect(() => wire.trial({ ...(fixture('trial') as object), stop_ns: null }, '')).toThrow('/stop_ns');
  });

  it('ignores fields it does not know', () => {
    expect(wire.run({ ...(fixture('run') as object), new_field: 1 }, '')).not.toHaveProperty('new_field');
  });
});

function firstSummary(): object {
  return (fixture('summaries') as { items: object[] }).items[0] as object;
}
