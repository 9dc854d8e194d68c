// Light, dark, or as the system has it; kept in the browser. Charts drawn on a canvas redraw when `painted` changes.
import { effect, signal } from '@preact/signals';

export type Theme = 'system' | 'light' | 'dark';

const kKey = 'stackdyno-theme';
const kOrder: Theme[] = ['system', 'light', 'dark'];

export const theme = signal<Theme>(stored());
export const painted = signal(0);

export function nextTheme(): void {
  theme.value = kOrder[(kOrder.indexOf(theme.value) + 1) % kOrder.length] as Theme;
}

export function followTheme(): void {
  effect(() => {
    const wanted = theme.value;
    if (wanted === 'system') delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = wanted;
    try {
      localStorage.setItem(kKey, wanted);
    } catch {
      // Storage may be forbidden; the choice then lasts as long as the page.
    }
    painted.value = painted.peek() + 1;
  });
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => {
    painted.value++;
  });
}

function stored(): Theme {
  try {
    const found = localStorage.getItem(kKey) as Theme | null;
    return found && kOrder.includes(found) ? found : 'system';
  } catch {
    return 'system';
  }
}
