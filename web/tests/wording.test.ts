// The words and figures that the page shares with `dyno`: its test reads the same file.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Compared, type Comparison, intervalTitle, lookSentence, outcomeSentences } from '../src/model/compare';
import { type Objective, objectiveFinding, objectiveIntervals, objectivesSentence } from '../src/model/objective';
import { type Pool, poolSentence } from '../src/model/pool';
import * as titles from '../src/model/titles';
import * as units from '../src/model/units';

interface Wording {
  values: { unit: units.Unit; value: number; text: string }[];
  spreads: { unit: units.Unit; value: number; low: number; high: number; text: string }[];
  percents: { ratio: number; text: string }[];
  spans: { seconds: number; text: string }[];
  instants: { at: string; text: string }[];
  local_times: { local: string; text: string }[];
  phases: { among: string[]; titles: string[] }[];
  cases: { case: string; stack: string; title: string; text: string }[];
  gates: { name: string; text: string }[];
  failures: { name: string; text: string }[];
  bounds: { name: string; text: string }[];
  outcomes: { state: string; failed: number; stacks: number; text: string }[];
  outcome_sentences: { rows: Compared[]; sentences: string[] }[];
  looks: { confidence: number; blocks?: number; blocks_at_most?: number; text: string; sentence: string }[];
  objectives: {
    unit: string;
    value?: number;
    low?: number;
    high?: number;
    reason?: string;
    phase?: string;
    other_phases?: string[];
    text: string;
  }[];
  objective_counts: { states: string[]; text: string }[];
  objective_intervals: { confidence?: number; text: string }[];
  starters: { trigger: string; schedule: string; text: string }[];
  pools: { pool: Pool; text: string }[];
}

const kFile = fileURLToPath(new URL('../../tests/data/wording.json', import.meta.url));
const wording = JSON.parse(readFileSync(kFile, 'utf8')) as Wording;

// The page breaks no line inside a figure; a terminal is given plain spaces.
const plain = (text: string) => text.replace(/[\u00a0\u202f]/g, ' ');

describe('wording', () => {
  it.each(wording.objectives)('says of an objective $text', ({ low, high, text, ...one }) => {
    const ends = low === undefined || high === undefined ? {} : { ci95_low: low, ci95_high: high };
    expect(plain(objectiveFinding({ ...one, ...ends }))).toBe(text);
  });
  it.each(wording.objective_counts)('counts $states as $text', ({ states, text }) => {
    expect(objectivesSentence(states.map((state) => ({ state }) as Objective))).toBe(text);
  });
  it.each(wording.objective_intervals)('says of objectives: $text', ({ text, ...one }) => {
    expect(objectiveIntervals([{}, one])).toBe(text);
  });
  it.each(wording.looks)(
    'says that intervals are of $text',
    ({ confidence, blocks, blocks_at_most, text, sentence }) => {
      const items = [{}, { ci95: [1, 2], confidence }] as Compared[];
      const look = blocks === undefined || blocks_at_most === undefined ? {} : { look: { blocks, blocks_at_most } };
      expect(intervalTitle(items)).toBe(`${text} interval`);
      expect(lookSentence({ items, ...look })).toBe(sentence);
    },
  );
  it.each(wording.outcome_sentences)('says $sentences', ({ rows, sentences }) => {
    expect(outcomeSentences({ items: rows } as Comparison).map(plain)).toEqual(sentences);
  });
  it.each(wording.values)('shows $value $unit as $text', ({ unit, value, text }) => {
    expect(plain(units.withUnit(unit, value))).toBe(text);
  });
  it.each(wording.spreads)('shows $low to $high $unit as $text', ({ unit, value, low, high, text }) => {
    expect(plain(units.spreadText(units.scaleFor(unit, value), low, high))).toBe(text);
  });
  it.each(wording.percents)('shows $ratio as $text', ({ ratio, text }) => {
    expect(plain(units.percent(ratio))).toBe(text);
  });
  it.each(wording.spans)('spells $seconds seconds as $text', ({ seconds, text }) => {
    expect(plain(units.spell(seconds))).toBe(text);
  });
  it.each(wording.instants)('writes $at as $text', ({ at, text }) => {
    expect(units.stamp(at, 'UTC')).toBe(text);
  });
  it("writes an instant in the reader's own zone", () => {
    const zone = process.env.TZ;
    try {
      process.env.TZ = 'Asia/Kolkata';
      expect(units.stamp('2026-12-31T20:00:00Z')).toBe('1 Jan 2027, 01:30');
    } finally {
      if (zone === undefined) delete process.env.TZ;
      else process.env.TZ = zone;
    }
  });
  it.each(wording.local_times)('writes $local as $text', ({ local, text }) => {
    expect(units.localStamp(local)).toBe(text);
  });
  it.each(wording.phases)('calls $among by their titles', ({ among, titles: wanted }) => {
    expect(among.map((name) => plain(titles.phaseTitle(name, among)))).toEqual(wanted);
  });
  it.each(wording.cases)('calls $case $text', ({ case: name, stack, title, text }) => {
    expect(titles.caseTitle({ stacks: [{ name: stack, title }] }, name)).toBe(text);
  });
  it.each(wording.gates)('calls the gate $name $text', ({ name, text }) => expect(titles.gateTitle(name)).toBe(text));
  it('has a title for every gate of the documentation', () => {
    const page = readFileSync(fileURLToPath(new URL('../../daemon/docs/gates.md', import.meta.url)), 'utf8');
    const names = [...page.matchAll(/^\| `([a-z_]+)` \| [^|]+\| [^|]+\| [^|]+\|/gm)].flatMap((m) => m[1] ?? []);
    expect(names.length).toBeGreaterThan(20);
    const plainly = (name: string) => titles.words(name).replace(/^./, (c) => c.toUpperCase());
    const kSame = ['Errors'];
    expect(names.filter((n) => titles.gateTitle(n) === plainly(n) && !kSame.includes(plainly(n)))).toEqual([
      'no_steady_state',
    ]);
  });
  it.each(wording.failures)('calls the failure $name $text', ({ name, text }) =>
    expect(titles.failureTitle(name)).toBe(text),
  );
  it.each(wording.bounds)('calls the bound $name $text', ({ name, text }) =>
    expect(titles.boundTitle(name)).toBe(text),
  );
  it.each(wording.outcomes)('says $text', ({ state, failed, stacks, text }) => {
    expect(titles.outcomeTitle(state, failed, stacks)).toBe(text);
  });
  it.each(wording.starters)('names $text', ({ trigger, schedule, text }) => {
    expect(titles.starterTitle(trigger, schedule)).toBe(text);
  });
  describe('of nights', () => {
    const zone = process.env.TZ;
    beforeAll(() => {
      process.env.TZ = 'UTC';
    });
    afterAll(() => {
      if (zone === undefined) delete process.env.TZ;
      else process.env.TZ = zone;
    });
    it.each(wording.pools)('says $text', ({ pool, text }) => expect(plain(poolSentence(pool))).toBe(text));
  });
});
