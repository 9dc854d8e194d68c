// The page frame: navigation, theme, and the view of the current route.
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';
import { historyUrl, homeUrl, leaderboardUrl, type Route, schedulesUrl, urlOf } from '../model/route';
import { shortId } from '../model/run';
import { arrived, depart } from '../state/arrival';
import { go, route } from '../state/location';
import { nextTheme, type Theme, theme } from '../state/theme';
import { lazily } from './lazily';
import { Empty } from './parts/states';

const Home = lazily(async () => (await import('./home')).Home);
const ComparePage = lazily(async () => (await import('./compare')).ComparePage);
const HistoryPage = lazily(async () => (await import('./history')).HistoryPage);
const LeaderboardPage = lazily(async () => (await import('./leaderboard')).LeaderboardPage);
const RunPage = lazily(async () => (await import('./run')).RunPage);
const CasePage = lazily(async () => (await import('./case')).CasePage);
const LivePage = lazily(async () => (await import('./live')).LivePage);
const SchedulesPage = lazily(async () => (await import('./schedules')).SchedulesPage);

export function App() {
  const now = route.value;
  const main = useRef<HTMLElement>(null);
  const place = placeOf(now);
  const first = useRef(true);
  useLayoutEffect(depart, [place.key]);
  useEffect(() => {
    document.title = `${place.title} · stackdyno`;
    if (!first.current) {
      main.current?.focus();
      scrollTo(0, 0);
    }
    first.current = false;
  }, [place.key]);
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: links keep their meaning; the page only saves a reload
    // biome-ignore lint/a11y/useKeyWithClickEvents: a link raises click for the keyboard too
    <div onClick={followLink}>
      <a class="skip" href="#main">
        Skip to content
      </a>
      <header class="bar-top">
        <div>
          <a class="brand" href={homeUrl} aria-label="stackdyno, all runs">
            <Logo />
            <b>stackdyno</b>
          </a>
          <nav aria-label="Main">
            {kPlaces.map(({ title, url, views }) => (
              <a key={url} href={url} aria-current={currentOf(now.view, views)}>
                {title}
              </a>
            ))}
            <a href="/api/v1/openapi.json">API</a>
          </nav>
          <ThemeButton />
        </div>
      </header>
      <main id="main" ref={main} tabIndex={-1} class={arrived.value ? undefined : 'arriving'}>
        <View now={now} />
      </main>
      <footer>
        <p>
          Measured on this machine. Every figure has a unit, a spread and a trial count. What was not measured is shown
          as –, never as 0.
        </p>
      </footer>
    </div>
  );
}

const kPlaces: { title: string; url: string; views: Route['view'][] }[] = [
  { title: 'Runs', url: homeUrl, views: ['home', 'run', 'case', 'live', 'missing'] },
  { title: 'Leaderboard', url: leaderboardUrl, views: ['leaderboard'] },
  { title: 'Compare', url: urlOf({ view: 'compare', rest: [] }), views: ['compare'] },
  { title: 'History', url: historyUrl(), views: ['history'] },
  { title: 'Schedules', url: schedulesUrl, views: ['schedules'] },
];

function currentOf(now: Route['view'], views: Route['view'][]): 'page' | 'true' | undefined {
  if (!views.includes(now)) return undefined;
  return now === views[0] ? 'page' : 'true';
}

function View({ now }: { now: Route }) {
  switch (now.view) {
    case 'home':
      return <Home route={now} />;
    case 'compare':
      return <ComparePage route={now} />;
    case 'history':
      return <HistoryPage route={now} />;
    case 'leaderboard':
      return <LeaderboardPage route={now} />;
    case 'run':
      return <RunPage key={now.id} route={now} />;
    case 'case':
      return <CasePage key={`${now.id} ${now.case}`} route={now} />;
    case 'live':
      return <LivePage key={now.id} id={now.id} />;
    case 'schedules':
      return <SchedulesPage />;
    case 'missing':
      return (
        <>
          <h1>No such page</h1>
          <Empty title={now.path}>
            <a href={homeUrl}>All runs</a>
          </Empty>
        </>
      );
  }
}

// `key` changes where a reader would say "that is another page".
function placeOf(now: Route): { key: string; title: string } {
  switch (now.view) {
    case 'home':
      return { key: 'home', title: 'Runs' };
    case 'compare':
      return { key: 'compare', title: 'Compare' };
    case 'history':
      return { key: 'history', title: 'History' };
    case 'leaderboard':
      return { key: 'leaderboard', title: 'Leaderboard' };
    case 'schedules':
      return { key: 'schedules', title: 'Schedules' };
    case 'live':
      return { key: `live ${now.id}`, title: `Live ${shortId(now.id)}` };
    case 'run':
      return { key: `run ${now.id}`, title: `Run ${shortId(now.id)}` };
    case 'case':
      return { key: `case ${now.id} ${now.case}`, title: `${now.case.split('/')[0]}, run ${shortId(now.id)}` };
    case 'missing':
      return { key: 'missing', title: 'No such page' };
  }
}

// Plain clicks on our own links stay in the page. The browser handles everything else.
function followLink(event: MouseEvent): void {
  if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey)
    return;
  const link = (event.target as Element).closest('a');
  if (!link || link.origin !== location.origin || link.target !== '' || link.hasAttribute('download')) return;
  if (link.pathname.startsWith('/api/') || (link.hash !== '' && link.pathname === location.pathname)) return;
  event.preventDefault();
  const same = link.pathname === location.pathname;
  go(link.pathname + link.search, same && link.search === location.search ? 'replace' : 'push');
}

const kThemeWords: Record<Theme, [string, string]> = {
  system: ['◐', 'System'],
  light: ['☀', 'Light'],
  dark: ['☾', 'Dark'],
};

function ThemeButton() {
  const [sign, name] = kThemeWords[theme.value];
  return (
    <button type="button" class="theme" onClick={nextTheme} aria-label={`Theme: ${name}. Change`}>
      <i aria-hidden="true">{sign}</i> <span>{name}</span>
    </button>
  );
}

function Logo() {
  return (
    <svg viewBox="0 0 32 32" aria-hidden="true">
      <rect width="32" height="32" rx="7" fill="#16423c" />
      <path d="M7 22a10 10 0 1 1 18 0" fill="none" stroke="#8fd0bd" stroke-width="3" stroke-linecap="round" />
      <path d="M16 19l5-6" stroke="#f3b562" stroke-width="3" stroke-linecap="round" />
      <circle cx="16" cy="19.500" r="2.500" fill="#f3b562" />
    </svg>
  );
}
