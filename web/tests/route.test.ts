import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { caseUrl, compareUrl, parseRoute, type Route, runUrl, urlOf } from '../src/model/route';

const id = fc.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}$/);
const word = fc.string({ minLength: 1, maxLength: 12 }).filter((s) => s.isWellFormed());
const part = fc.stringMatching(/^[a-z][a-z0-9-]{0,10}$/);
const rest = fc.array(fc.tuple(fc.constantFrom('zoom', 'x', 'y'), word), { maxLength: 3 });

const routes: fc.Arbitrary<Route> = fc.oneof(
  fc.record({ view: fc.constant('home' as const), pick: word, rest }, { requiredKeys: ['view', 'rest'] }),
  fc.record(
    {
      view: fc.constant('history' as const),
      case: fc.array(word, { maxLength: 3 }),
      phase: word,
      metric: word,
      profile: word,
      since: word,
      until: word,
      rest,
    },
    { requiredKeys: ['view', 'case', 'rest'] },
  ),
  fc.record(
    {
      view: fc.constant('compare' as const),
      a: word,
      b: word,
      show: word,
      figures: word,
      find: word,
      case: word,
      phase: word,
      rest,
    },
    { requiredKeys: ['view', 'rest'] },
  ),
  fc.record(
    {
      view: fc.constant('leaderboard' as const),
      board: word,
      metric: word,
      profile: word,
      run: word,
      language: word,
      class: word,
      mode: word,
      workload: word,
      validity: word,
      bound: word,
      find: word,
      rest,
    },
    { requiredKeys: ['view', 'rest'] },
  ),
  fc.record({ view: fc.constant('schedules' as const), rest }),
  fc.record({ view: fc.constant('live' as const), id, rest }),
  fc.record(
    { view: fc.constant('run' as const), id, phase: word, sort: word, rest },
    { requiredKeys: ['view', 'id', 'rest'] },
  ),
  fc
    .record(
      { view: fc.constant('case' as const), id, stack: part, mode: part, phase: word, trial: id, rest },
      { requiredKeys: ['view', 'id', 'stack', 'mode', 'rest'] },
    )
    .map(({ stack, mode, ...route }) => ({ ...route, case: `${stack}/${mode}` })),
);

function load(url: string): Route {
  const { pathname, search } = new URL(url, 'http://localhost');
  return parseRoute(pathname, search);
}

describe('routes', () => {
  it('come back from their own address', () => {
    fc.assert(
      fc.property(routes, (route) => {
        expect(load(urlOf(route))).toEqual(route);
      }),
    );
  });

  it('stay readable', () => {
    expect(runUrl('abc', 'json/c32/r60%')).toBe('/runs/abc?phase=json/c32/r60%25');
    expect(compareUrl('abc', 'latest')).toBe('/compare?a=abc&b=latest');
    const route = load('/leaderboard?language=go,rust&board=json/c32');
    expect(urlOf(route)).toBe('/leaderboard?board=json/c32&language=go,rust');
    expect(caseUrl('abc', 'go-nethttp/single')).toBe('/runs/abc/go-nethttp/single');
  });

  it('keep keys they do not know', () => {
    expect(urlOf(load('/runs/abc?later=1&phase=json/c32'))).toBe('/runs/abc?phase=json/c32&later=1');
  });

  it('say so when there is no such page', () => {
    expect(load('/nothing/here').view).toBe('missing');
    expect(load('/runs/a/b/c/d').view).toBe('missing');
    expect(load('/runs/%E0%A4%A').view).toBe('run');
  });
});
