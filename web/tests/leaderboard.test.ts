import { describe, expect, it } from 'vitest';
import * as wire from '../src/api/wire';
import {
  choicesOf,
  chosenIn,
  drawnOf,
  isFiltered,
  placeText,
  type Ranked,
  type Ranking,
  rankedSpread,
  rankedValue,
  rankingSentence,
  rankingsOf,
  rankingTitle,
  ratioText,
  restsText,
  tiePlaces,
  tiesOf,
  toggled,
} from '../src/model/leaderboard';
import type { LeaderboardRoute } from '../src/model/route';
import { fixture } from './fixtures';

const all = await wire.leaderboard(fixture('leaderboard'), '');
const [plaintext, json, own] = all.boards as [Ranking, Ranking, Ranking];
const [several] = all.overall as [Ranking];
const rowOf = (ranking: Ranking, stack: string) => ranking.rows.find((row) => row.stack === stack) as Ranked;
const plain = (text: string) => text.replaceAll('\u00a0', ' ').replaceAll('\u202f', ' ');

describe('the leaderboard', () => {
  it('has several workloads first, each ranking with a key for the address', () => {
    expect(rankingsOf(all).map(({ key }) => key)).toEqual(['all', 'plaintext/c32', 'json/c32', 'json/c32/r60%']);
    const two = { ...all, overall: [several, { ...several, metric: 'latency_p99_ns' as const, title: 'Latency p99' }] };
    expect(
      rankingsOf(two)
        .slice(0, 2)
        .map(({ key, ranking }) => [key, rankingTitle(ranking, two)]),
    ).toEqual([
      ['all/throughput_per_s', 'All 2 workloads: Throughput'],
      ['all/latency_p99_ns', 'All 2 workloads: Latency p99'],
    ]);
  });

  it('puts rows that are not told apart together, and those without a place last', () => {
    expect(tiesOf(json.rows).map((tie) => [tie.group, tie.rows.length])).toEqual([
      [1, 2],
      [2, 1],
      [3, 1],
      [4, 1],
      [undefined, 1],
    ]);
    expect(tiesOf(json.rows).slice(0, 2).map(tiePlaces)).toEqual(['places 1–2', 'place 3']);
    expect(json.rows.map(placeText)).toEqual(['1–2', '1–2', '3', '4', '5', '–']);
  });

  it.each([
    [json, 'The first place is open between 2 of 5: Axum (Rust), Go net/http. Without a place: 1 tuned.'],
    [several, 'cpp-httplib (C++) is ahead of all 2 others. Without a place: 1 CPU not saturated.'],
    [own, 'No ranking: 5 a rate of its own.'],
    [
      { ...json, ranked: 2, rows: json.rows.slice(0, 2) },
      'Axum (Rust) with 64 100/s has the best value; the trials do not tell the 2 apart.',
    ],
    [
      { ...json, ranked: 1, rows: json.rows.slice(2, 3) },
      'cpp-httplib (C++) with 38 100/s is the only one with a place.',
    ],
    [{ ...json, ranked: 0, rows: [] }, 'No ranking: nothing was measured.'],
  ])('is told in words %#', (ranking, words) => {
    expect(plain(rankingSentence(ranking))).toBe(words);
  });

  it('says a lower bound as one, several workloads as a share, and nothing where no trial counts', () => {
    expect(plain(rankedValue(plaintext, rowOf(plaintext, 'rust-axum')))).toBe('≥ 81 000/s');
    expect(plain(rankedValue(several, rowOf(several, 'node-fastify')))).toBe('75 %');
    expect(rankedSpread(several, rowOf(several, 'node-fastify'))).toBe('73–77');
    expect(rankedValue(plaintext, rowOf(plaintext, 'go-fiber'))).toBe('–');
    expect(drawnOf(plaintext, rowOf(plaintext, 'go-fiber'))).toBeUndefined();
  });

  it('has ratios in percent, and from three on as a factor', () => {
    const row = rowOf(json, 'node-fastify');
    expect(plain(ratioText(row))).toBe('34 % (33–35)');
    expect(plain(ratioText({ ...row, ratio: 3.21, ratio_ci95: [3.1, 3.3] }))).toBe('3.21 times (3.10–3.30)');
    expect(ratioText(rowOf(json, 'rust-axum'))).toBe('');
    expect(restsText(json, row)).toBe('15 trials of 3 nights');
    expect(restsText(several, { ...row, n: 1, nights: 1 })).toBe('1 block');
  });

  it('offers as filters what its rows have', () => {
    expect(choicesOf(all, 'language').map(({ value }) => value)).toEqual(['cpp', 'go', 'node', 'python', 'rust']);
    expect(choicesOf(all, 'workload').map(({ title }) => title)).toEqual(['JSON', 'Plaintext']);
    expect(choicesOf(all, 'validity').map(({ value }) => value)).toEqual(['degraded', 'invalid', 'valid']);
    const route: LeaderboardRoute = { view: 'leaderboard', rest: [] };
    expect(isFiltered(route)).toBe(false);
    const chosen = toggled(toggled(route, 'language', 'rust'), 'language', 'go');
    expect(chosenIn(chosen, 'language')).toEqual(['go', 'rust']);
    expect(isFiltered(chosen)).toBe(true);
    expect(isFiltered(toggled(toggled(chosen, 'language', 'rust'), 'language', 'go'))).toBe(false);
  });
});
