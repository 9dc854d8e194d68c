// The address of a view and back: everything a reader chose stands in the URL, so every view can be handed on as a link.
// Defaults are left out, keys this version does not know are kept.

export type Route = { rest: [string, string][] } & (
  | { view: 'home'; pick?: string }
  | {
      view: 'compare';
      a?: string;
      b?: string;
      a_case?: string; // one case against another
      b_case?: string;
      show?: string;
      figures?: string;
      find?: string;
      case?: string;
      phase?: string;
    }
  | ({ view: 'run'; id: string } & { [Key in (typeof kRunKeys)[number]]?: string })
  | { view: 'case'; id: string; case: string; phase?: string; trial?: string }
  | {
      view: 'history';
      case: string[];
      phase?: string;
      metric?: string;
      profile?: string;
      since?: string;
      until?: string;
    }
  | ({ view: 'leaderboard' } & { [Key in (typeof kLeaderboardKeys)[number]]?: string })
  | { view: 'live'; id: string }
  | { view: 'schedules' }
  | { view: 'missing'; path: string }
);

export type RunRoute = Extract<Route, { view: 'run' }>;
export type CompareRoute = Extract<Route, { view: 'compare' }>;
export type LeaderboardRoute = Extract<Route, { view: 'leaderboard' }>;

// "go,rust" as an address has it.
export function listed(text = ''): string[] {
  return text.split(',').filter(Boolean);
}

// Each a list with commas between.
export const kLeaderboardFilters = ['language', 'class', 'mode', 'workload', 'validity', 'bound'] as const;
export type LeaderboardFilter = (typeof kLeaderboardFilters)[number];

const kLeaderboardKeys = ['board', 'metric', 'profile', 'run', ...kLeaderboardFilters, 'find'] as const;
// `cases`: those looked at closely, with commas between; `trial`: the one whose course is shown.
const kRunKeys = ['phase', 'sort', 'find', 'cases', 'trial'] as const;
const kHistoryKeys = ['phase', 'metric', 'profile', 'since', 'until'] as const;
const kCompareKeys = ['a', 'b', 'a_case', 'b_case', 'show', 'figures', 'find', 'case', 'phase'] as const;

export function parseRoute(pathname: string, search: string): Route {
  const query = [...new URLSearchParams(search)];
  const parts = pathname.split('/').filter(Boolean).map(decoded);
  const [head, id, stack, mode, ...more] = parts;
  const take = (key: string): Record<string, string> => {
    const found = query.find(([name]) => name === key);
    return found ? { [key]: found[1] } : {};
  };
  const rest = (...known: string[]) => query.filter(([name]) => !known.includes(name));

  if (head === undefined) return { view: 'home', ...take('pick'), rest: rest('pick') };
  const takeAll = (keys: readonly string[]) => keys.map(take).reduce((all, one) => Object.assign(all, one), {});
  if (head === 'leaderboard' && id === undefined) {
    return { view: 'leaderboard', ...takeAll(kLeaderboardKeys), rest: rest(...kLeaderboardKeys) };
  }
  if (head === 'history' && id === undefined) {
    const cases = query.filter(([name]) => name === 'case').map(([, value]) => value);
    return { view: 'history', case: cases, ...takeAll(kHistoryKeys), rest: rest('case', ...kHistoryKeys) };
  }
  if (head === 'compare' && id === undefined) {
    return { view: 'compare', ...takeAll(kCompareKeys), rest: rest(...kCompareKeys) };
  }
  if (head === 'schedules' && id === undefined) return { view: 'schedules', rest: rest() };
  if (head === 'live' && id !== undefined && stack === undefined) return { view: 'live', id, rest: rest() };
  if (head === 'runs' && id === undefined) return { view: 'home', ...take('pick'), rest: rest('pick') };
  if (head === 'runs' && id !== undefined && stack === undefined) {
    return { view: 'run', id, ...takeAll(kRunKeys), rest: rest(...kRunKeys) };
  }
  if (head === 'runs' && id !== undefined && stack !== undefined && mode !== undefined && more.length === 0) {
    const known = { ...take('phase'), ...take('trial') };
    return { view: 'case', id, case: `${stack}/${mode}`, ...known, rest: rest('phase', 'trial') };
  }
  return { view: 'missing', path: pathname, rest: query };
}

export function urlOf(route: Route): string {
  switch (route.view) {
    case 'home':
      return withQuery('/', { pick: route.pick || undefined }, route.rest);
    case 'history': {
      const cases = route.case.map((name): [string, string] => ['case', name]);
      return withQuery('/history', chosen(route, kHistoryKeys), [...cases, ...route.rest]);
    }
    case 'compare':
      return withQuery('/compare', chosen(route, kCompareKeys), route.rest);
    case 'leaderboard':
      return withQuery('/leaderboard', chosen(route, kLeaderboardKeys), route.rest);
    case 'schedules':
      return withQuery('/schedules', {}, route.rest);
    case 'live':
      return withQuery(`/live/${encodeURIComponent(route.id)}`, {}, route.rest);
    case 'run':
      return withQuery(`/runs/${encodeURIComponent(route.id)}`, chosen(route, kRunKeys), route.rest);
    case 'case': {
      const path = route.case.split('/').map(encodeURIComponent).join('/');
      const query = { phase: route.phase, trial: route.trial };
      return withQuery(`/runs/${encodeURIComponent(route.id)}/${path}`, query, route.rest);
    }
    case 'missing':
      return withQuery(route.path, {}, route.rest);
  }
}

// What stands in an address and is empty there was not chosen.
function chosen<Key extends string>(
  route: Partial<Record<Key, string>>,
  keys: readonly Key[],
): Record<string, string | undefined> {
  return Object.fromEntries(keys.map((key) => [key, route[key] || undefined]));
}

function withQuery(path: string, known: Record<string, string | undefined>, rest: [string, string][]): string {
  const pairs = Object.entries(known).filter((pair): pair is [string, string] => pair[1] !== undefined);
  const query = [...pairs, ...rest].map(([key, value]) => `${encode(key)}=${encode(value)}`).join('&');
  return query === '' ? path : `${path}?${query}`;
}

// Slashes and commas stay readable: phase=json/c32, language=go,rust.
function encode(text: string): string {
  return encodeURIComponent(text).replaceAll('%2F', '/').replaceAll('%2C', ',');
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

export const homeUrl = urlOf({ view: 'home', rest: [] });
export const leaderboardUrl = urlOf({ view: 'leaderboard', rest: [] });
export const schedulesUrl = urlOf({ view: 'schedules', rest: [] });
export const runUrl = (id: string, phase?: string): string =>
  urlOf(phase === undefined ? { view: 'run', id, rest: [] } : { view: 'run', id, phase, rest: [] });
// The older run first: what came before, and what came after.
export const compareUrl = (a: string, b: string): string => urlOf({ view: 'compare', a, b, rest: [] });
// Two cases of one run, which was made to tell them apart.
export const comparedUrl = (run: string, a_case: string, b_case: string): string =>
  urlOf({ view: 'compare', a: run, b: run, a_case, b_case, rest: [] });
export const historyUrl = (name?: string, phase?: string): string =>
  urlOf({
    view: 'history',
    case: name === undefined ? [] : [name],
    ...(phase === undefined ? {} : { phase }),
    rest: [],
  });
export const liveUrl = (id: string): string => urlOf({ view: 'live', id, rest: [] });
export const caseUrl = (id: string, name: string, phase?: string): string =>
  urlOf(
    phase === undefined
      ? { view: 'case', id, case: name, rest: [] }
      : { view: 'case', id, case: name, phase, rest: [] },
  );
