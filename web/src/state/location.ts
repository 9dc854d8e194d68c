// Where the reader is: the route as a signal, kept equal to the address bar.
import { computed, signal } from '@preact/signals';
import { parseRoute } from '../model/route';

const address = signal({ pathname: location.pathname, search: location.search });

export const route = computed(() => parseRoute(address.value.pathname, address.value.search));

// `replace` is for changes within a view that are no step of their own, such as sorting.
export function go(url: string, how: 'push' | 'replace' = 'push'): void {
  if (how === 'push') history.pushState(null, '', url);
  else history.replaceState(null, '', url);
  read();
}

export function followHistory(): void {
  addEventListener('popstate', read);
}

function read(): void {
  address.value = { pathname: location.pathname, search: location.search };
}
