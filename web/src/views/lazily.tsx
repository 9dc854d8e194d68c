// A page whose code is fetched when it is first shown, so that no page waits for the code of the others.
import { signal } from '@preact/signals';
import type { ComponentType } from 'preact';
import { expect } from '../state/arrival';
import type { Load } from '../state/load';
import { Loaded } from './parts/states';

export function lazily<Props extends object>(code: () => Promise<ComponentType<Props>>): ComponentType<Props> {
  const page = signal<Load<ComponentType<Props>>>({ status: 'loading' });
  let asked = false;
  const ask = async () => {
    asked = true;
    const came = expect();
    try {
      page.value = { status: 'ready', value: await code() };
    } catch {
      const detail = 'Its code did not arrive. After an update of the daemon, reload the page.';
      page.value = { status: 'failed', problem: { status: 0, title: 'This page could not be loaded', detail } };
    }
    came();
  };
  return function Lazy(props: Props) {
    if (!asked) void ask();
    return (
      <Loaded load={page.value} what="the page" again={ask}>
        {(Page) => <Page {...props} />}
      </Loaded>
    );
  };
}
