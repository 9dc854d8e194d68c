// Loading, failed, empty: designed once, used by every view.
import type { ComponentChildren } from 'preact';
import { faultText, type Problem } from '../../model/problem';
import { toneOf } from '../../model/run';
import { words } from '../../model/titles';
import type { Load } from '../../state/load';

function Loading({ what }: { what: string }) {
  return (
    <div class="loading" role="status">
      <span class="soft">Loading {what} …</span>
      <i />
      <i />
      <i />
    </div>
  );
}

export function Failed({ problem, again }: { problem: Problem; again?: () => void }) {
  return (
    <div class="card failed" role="alert">
      <h2>{problem.title}</h2>
      <p>{problem.detail}</p>
      {problem.errors && problem.errors.length > 0 && (
        <ul>
          {problem.errors.map((fault) => (
            <li key={`${fault.pointer ?? ''}${fault.detail}`}>{faultText(fault)}</li>
          ))}
        </ul>
      )}
      {again && (
        <div class="line">
          <button type="button" onClick={again}>
            Try again
          </button>
        </div>
      )}
    </div>
  );
}

export function Empty({ title, children }: { title: string; children?: ComponentChildren }) {
  return (
    <div class="notice">
      <b>{title}</b>
      {children && <div class="soft">{children}</div>}
    </div>
  );
}

// The three states of loaded data. The view is written for the ready one only.
export function Loaded<T>(props: {
  load: Load<T>;
  what: string;
  again?: () => void;
  children: (value: T) => ComponentChildren;
}) {
  const { load, what, again } = props;
  if (load.status === 'loading') return <Loading what={what} />;
  if (load.status === 'failed')
    return again ? <Failed problem={load.problem} again={again} /> : <Failed problem={load.problem} />;
  return (
    <>
      {load.stale && (
        <div class="notice warn" role="status">
          <b>Not up to date.</b>
          <span>{load.stale.detail}</span>
        </div>
      )}
      {props.children(load.value)}
    </>
  );
}

export function StateTag({ state }: { state: string }) {
  const tone = toneOf(state);
  const sign = { good: '✓', live: '●', plain: '◌', warn: '◍', bad: '✕' }[tone];
  return (
    <span class={`tag ${tone}`}>
      <span aria-hidden="true">{sign}</span> {words(state)}
    </span>
  );
}
