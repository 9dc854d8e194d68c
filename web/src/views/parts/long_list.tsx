// Lists of any length: searched, and drawn as far as somebody looks at them.
import { type ComponentChildren, createContext } from 'preact';
import { useContext, useId, useState } from 'preact/hooks';

const kSearchedFrom = 13; // shorter lists are read faster than searched
export const kDrawnAtOnce = 20;

export interface Named {
  name: string;
  title?: string;
}

export function matches(wanted: string, { name, title = '' }: Named): boolean {
  const text = wanted.trim().toLowerCase();
  return name.toLowerCase().includes(text) || title.toLowerCase().includes(text);
}

// What was searched for, for every chart and table below.
const Wanted = createContext('');

export function Search(props: { of: Named[]; what: string; wanted: string; set: (wanted: string) => void }) {
  const id = useId();
  if (props.of.length < kSearchedFrom) return null;
  const found = props.of.filter((each) => matches(props.wanted, each)).length;
  return (
    <search class="line">
      <label for={id}>Find {props.what}</label>
      <input
        id={id}
        type="search"
        value={props.wanted}
        onInput={(e) => props.set(e.currentTarget.value)}
        onKeyDown={(e) => e.key === 'Enter' && e.preventDefault()} // in a form it would send that
      />
      <output class="soft small">
        {props.wanted === '' ? `${props.of.length} in all` : `${found} of ${props.of.length}`}
      </output>
    </search>
  );
}

export function Found({ wanted, children }: { wanted: string; children: ComponentChildren }) {
  return <Wanted.Provider value={wanted}>{children}</Wanted.Provider>;
}

// Those of the list that were searched for.
export function useFound<T>(all: T[], named: (each: T) => Named): T[] {
  const wanted = useContext(Wanted);
  return wanted.trim() === '' ? all : all.filter((each) => matches(wanted, named(each)));
}

// The first of the list, and the button that draws more of it.
export function usePart<T>(all: T[], atOnce = kDrawnAtOnce): { part: T[]; more: ComponentChildren } {
  const [count, setCount] = useState(atOnce);
  const rest = all.length - count;
  const more = rest > 0 && (
    <div class="line small">
      <button type="button" onClick={() => setCount(count + Math.max(atOnce, 100))}>
        {rest > 100 ? 'Show 100 more' : `Show ${rest} more`}
      </button>
      <span class="soft">
        {count} of {all.length}
      </span>
    </div>
  );
  return { part: all.slice(0, count), more };
}
