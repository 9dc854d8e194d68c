// What a page asks first, whatever the answers are: asked while its code is still on its way.
import { askEarly, forgetEarly, urls } from '../api/client';
import type { Route } from '../model/route';
import { comparedOf, kFailed, kMatrix, kUsualMetric, wholeOf } from '../model/selection';
import { arrived, isWaiting } from './arrival';

function firstOf(route: Route): string[] {
  switch (route.view) {
    case 'home':
      return [urls.runs(), urls.schedules, urls.queue, urls.stacks, urls.profiles];
    case 'run':
      return runOf(route.id);
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

// Those of which the first views are made come first.
function runOf(id: string): string[] {
  return [
    urls.run(id),
    urls.phases(id),
    urls.summaries(id, kMatrix),
    urls.objectives(id),
    urls.builds(id),
    urls.trials(id, kFailed),
    urls.environment(id),
  ];
}

export function askAhead(route: Route): void {
  askEarly(firstOf(route));
  const stop = arrived.subscribe((all) => {
    if (!all) return;
    if (!isWaiting()) forgetEarly();
    stop();
  });
}
