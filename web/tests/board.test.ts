import { existsSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import * as wire from '../src/api/wire';
import { boardOf, casesOf, slotOf, sorted, standing } from '../src/model/board';
import { headlineSentence, leadSentence, whiskerWords } from '../src/model/sentences';
import { atLeast, rangeText, type Summary, valueText } from '../src/model/summary';
import { fixture } from './fixtures';

const kStacks = fileURLToPath(new URL('../../stacks', import.meta.url));
const run = wire.run(fixture('run'), '');
const list = wire.summaryList(fixture('summaries'), '');
const summaries = list.items;
const boardWith = (items: Summary[], phase?: string) => boardOf(run, { ...list, items }, phase);

describe('the leaderboard', () => {
  it('leads with throughput in a closed loop and with latency in an open one', () => {
    expect(boardWith(summaries, 'json/c32').headline).toBe('throughput_per_s');
    expect(boardWith(summaries, 'json/c32/r60%').headline).toBe('latency_p99_ns');
    expect(boardWith(summaries, 'no-such-phase').phase).toBe('plaintext/c32');
  });

  it('leads with what subscribers saw where messages were delivered', () => {
    const [template] = summaries.filter((s) => s.phase === 'json/c32/r60%' && s.metric === 'latency_p99_ns');
    const delivered = summaries.concat(template ? { ...template, metric: 'delivery_p99_ns' } : []);
    const board = boardWith(delivered, 'json/c32/r60%');
    expect([board.times, board.headline]).toEqual(['delivery', 'delivery_p99_ns']);
  });

  it('shows the gaps of its own phase only', () => {
    const gaps = [
      { case: 'go-nethttp/single', phase: 'json/c32', reason: 'never_ready: …' },
      { case: 'go-nethttp/single', phase: 'ws/c8', reason: 'the stack does not offer ws' },
    ];
    expect(boardOf(run, { ...list, gaps }, 'json/c32').gaps).toEqual(gaps.slice(0, 1));
    expect(boardWith(summaries, 'json/c32').gaps).toEqual([]);
  });

  it('puts the best first, and keeps each case its slot', () => {
    const board = boardWith(summaries, 'json/c32');
    const values = board.entries.map((e) => e.of.get('throughput_per_s')?.value ?? 0);
    expect(values).toEqual([...values].sort((a, b) => b - a));
    for (const entry of board.entries) expect(entry.slot).toBe(slotOf(entry.case));
    expect(new Set(board.entries.map((e) => e.slot)).size).toBe(casesOf(summaries).length);
  });

  it('issue 14 row 18: gives a stack its colour and mark by its name alone', () => {
    const stacks = readdirSync(kStacks).filter((name) => existsSync(`${kStacks}/${name}/stack.yaml`));
    expect(stacks.length).toBeGreaterThan(8);
    expect(new Set(stacks.map(slotOf)).size).toBe(stacks.length);
    const first = ['node-fastify', 'go-nethttp', 'python-fastapi', 'cpp-httplib'].map(slotOf);
    expect(new Set(first.map((slot) => slot % 9)).size).toBe(4);
    const slotIn = (items: Summary[]) =>
      boardOf(run, { run: run.id, items }, 'json/c32').entries.find((e) => e.case === 'node-fastify/single')?.slot;
    const alone = summaries.filter((s) => s.case === 'node-fastify/single');
    expect(slotIn(alone)).toBe(slotIn(summaries));
    expect(slotOf('node-fastify/scaled')).toBe(slotOf('node-fastify/single'));
  });

  it('issue 14 row 16: knows why a figure is absent, and shows shares and spreads in their units', () => {
    const absent = [
      { case: 'go-nethttp/single', phase: 'json/c32', metric: 'service_time_p999_ns' as const, reason: '80 answers' },
      { case: 'go-nethttp/single', phase: 'other', metric: 'service_time_p99_ns' as const, reason: 'x' },
    ];
    const entry = boardOf(run, { ...list, absent }, 'json/c32').entries.find((e) => e.case === 'go-nethttp/single');
    expect([...(entry?.absent ?? [])]).toEqual([['service_time_p999_ns', '80 answers']]);
    const template = summaries.find((s) => s.metric === 'throughput_per_s') as Summary;
    const share: Summary = { ...template, metric: 'error_ratio', unit: '1', value: 0.012, range: [0.01, 0.014] };
    expect([valueText(share), rangeText(share)].join(' ').replaceAll('\u00a0', ' ')).toBe('1.2 % 1–1.4');
  });

  it('never ranks what a gate threw out', () => {
    const changed = summaries.map((s) => (s.case === 'go-nethttp/single' ? { ...s, validity: 'invalid' } : s));
    const board = boardWith(changed, 'json/c32');
    expect(board.entries.at(-1)?.case).toBe('go-nethttp/single');
    expect(leadSentence(board.entries, 'throughput_per_s')).not.toMatch(/net.http/);
  });

  it('says what the nights decided in place of what this run alone can tell', () => {
    const board = boardWith(summaries, 'json/c32');
    const [first, second] = board.entries.map((entry) => entry.case) as [string, string];
    const winner = (name: string, is_clear: boolean) => ({
      ...run,
      winner: { stack: '', case: name, phase: 'json/c32', metric: 'throughput_per_s', n: 15, cases: 4, is_clear },
    });
    expect(headlineSentence(winner(first, true), board)).toMatch(/Decided over 15 trials: ahead of all others\.$/);
    expect(headlineSentence(winner(first, true), board)).not.toContain('Too few');
    const alone = leadSentence(board.entries, board.headline);
    for (const other of [run, winner(first, false), winner(second, true)])
      expect(headlineSentence(other, board)).toBe(alone);
    expect(headlineSentence(winner(first, true), boardWith(summaries, 'plaintext/c32'))).not.toContain('Decided');
  });

  it('issue 14 row 15: ranks a lower bound by what is certain, and calls nobody first that it may beat', () => {
    const [first, second] = boardWith(summaries, 'json/c32').entries.map((e) => e.case);
    for (const bound of ['database', 'loader']) {
      const limited = (name: string | undefined) => summaries.map((s) => (s.case === name ? { ...s, bound } : s));
      const led = boardWith(limited(first), 'json/c32').entries;
      expect(led[0]?.case).toBe(first);
      expect(atLeast(led[0]?.of.get('throughput_per_s') as Summary)).toBe('≥\u00a0');
      expect(leadSentence(led, 'throughput_per_s')).toMatch(/: at least .*, at least .* times that of/);
      const behind = boardWith(limited(second), 'json/c32').entries;
      expect(behind[1]?.case).toBe(second);
      expect(leadSentence(behind, 'throughput_per_s')).toMatch(/\. .*: at least .* may do more\.$/);
      expect(standing(behind, 'throughput_per_s')).toBe('open');
    }
  });

  it('never ranks service times that a full database set, but what the stack itself used', () => {
    const changed = summaries.map((s) => (s.case === 'go-nethttp/single' ? { ...s, bound: 'database' } : s));
    const board = boardWith(changed, 'json/c32');
    expect(sorted(board.entries, 'service_time_p50_ns').at(-1)?.case).toBe('go-nethttp/single');
    expect(sorted(board.entries, 'app_cpu_ns_per_request').at(-1)?.case).not.toBe('go-nethttp/single');
    const all = summaries.map((s) => ({ ...s, bound: 'database' }));
    expect(leadSentence(boardWith(all, 'json/c32').entries, 'throughput_per_s')).toMatch(/^No ranking: no result/);
    const out = summaries.map((s) => ({ ...s, validity: 'invalid' }));
    expect(leadSentence(boardWith(out, 'json/c32').entries, 'throughput_per_s')).toBe(
      'No ranking: every result of this phase failed a quality gate.',
    );
  });

  it("sets apart a throughput that was not the stack's own limit", () => {
    const changed = summaries.map((s) => (s.case === 'go-nethttp/single' ? { ...s, bound: 'waiting' } : s));
    const board = boardWith(changed, 'json/c32');
    expect(board.entries.at(-1)?.case).toBe('go-nethttp/single');
    expect(leadSentence(board.entries, 'throughput_per_s')).toMatch(/^cpp-httplib .* times that of Fastify/);
    const all = summaries.map((s) => ({ ...s, bound: 'waiting' }));
    const lead = leadSentence(boardWith(all, 'json/c32').entries, 'throughput_per_s');
    expect(lead).toMatch(/^net\/http .* CPU was not saturated/);
  });

  it('puts tuned stacks behind the others, however fast', () => {
    const fastest = boardWith(summaries, 'json/c32').entries[0]?.case ?? '';
    const name = fastest.slice(0, fastest.lastIndexOf('/'));
    const changed = { ...run, stacks: run.stacks.map((s) => (s.name === name ? { ...s, class: 'tuned' } : s)) };
    expect(boardOf(changed, list, 'json/c32').entries.at(-1)?.case).toBe(fastest);
  });

  it('puts what was not measured last, whatever the direction', () => {
    const without = summaries.filter((s) => !(s.case === 'go-nethttp/single' && s.metric === 'app_cpu_ns_per_request'));
    const board = boardWith(without, 'json/c32');
    expect(sorted(board.entries, 'app_cpu_ns_per_request').at(-1)?.case).toBe('go-nethttp/single');
  });

  it('makes no ranking of latencies at rates of their own, but does at a common one', () => {
    const own = boardWith(summaries, 'json/c32/r60%');
    expect(own.ownRates).toBe(true);
    expect(own.entries.map((e) => e.case)).toEqual(casesOf(summaries));
    const same = summaries.map((s) => (s.metric === 'offered_per_s' ? { ...s, value: 5000 } : s));
    const common = boardWith(same, 'json/c32/r60%');
    expect(common.ownRates).toBe(false);
    expect(common.entries[0]?.case).toBe('go-nethttp/single');
  });

  it('claims no decision from two trials', () => {
    const board = boardWith(summaries, 'json/c32');
    expect(standing(board.entries, 'throughput_per_s')).toBe('points');
    expect(leadSentence(board.entries, 'throughput_per_s')).toContain('Too few trials to call a winner (2 of 10).');
    expect(whiskerWords(board.entries, 'throughput_per_s')).toContain('minimum to maximum');
  });

  it('compares in the words of the quantity', () => {
    const { entries } = boardWith(summaries, 'json/c32');
    expect(leadSentence(entries, 'app_startup_ns', false)).toMatch(
      /^cpp.*ms\. net\/http \(Go\) takes 1.82 times as long\.$/,
    );
    expect(leadSentence(entries, 'app_cpu_ns_per_request', false)).toMatch(/ needs 1.25 times as much CPU time\.$/);
    expect(leadSentence(entries, 'idle_pss_bytes', false)).toMatch(/ needs 2.50 times as much\.$/);
  });

  it('calls overlapping intervals a tie', () => {
    expect(standing(twoWith([90, 110], [100, 120]), 'throughput_per_s')).toBe('overlap');
    expect(standing(twoWith([90, 95], [100, 120]), 'throughput_per_s')).toBe('apart');
    expect(standing(twoWith([90, 95], [100, 120], 'degraded'), 'throughput_per_s')).toBe('degraded');
  });
});

function twoWith(first: [number, number], second: [number, number], validity = 'valid') {
  const template = summaries.find((s) => s.metric === 'throughput_per_s') as Summary;
  const made = [first, second].map((ci95, i) => ({
    ...template,
    case: `case-${i}`,
    n: 15,
    validity,
    ci95,
    value: (ci95[0] + ci95[1]) / 2,
  }));
  return boardWith(made, template.phase).entries;
}
