// What a page asks first, whatever the answers are: asked while its code is still on its way.
import { askEarly, forgetEarly, urls } from '../api/client';
import type { Route } from '../model/route';
import { comparedOf, kMatrix, kUsualMetric, wholeOf } from '../model/selection';
import { arrived, isWaiting } from './arrival';

function firstOf(route: Route): string[] {
  switch (route.view) {
    case 'home':
      return [urls.runs(), urls.schedules, urls.queue, urls.stacks, urls.profiles, urls.recentRuns];
    case 'run':
      return [urls.run(route.id), urls.phases(route.id), urls.summaries(route.id, kMatrix)];
    case 'leaderboard':
      return [urls.leaderboard(wholeOf(route)), urls.metrics, urls.profiles];
    case 'history':
      return [urls.series(route.metric ?? kUsualMetric), urls.metrics, urls.stacks];
    case 'compare': {
      const { a, b, wanted } = comparedOf(route);
      return [urls.compare(a, b, wanted), urls.recentRuns];
    }
    default:
      return [];
  }
}

export function askAhead(route: Route): void {
  askEarly(firstOf(route));
  const stop = arrived.subscribe((all) => {
    if (!all) return;
    if (!isWaiting()) forgetEarly();
    stop();
  });
}
