// What was built for a run, with the whole log behind a link, and the log of what failed from its first error on.
import { useEffect, useRef } from 'preact/hooks';
import * as client from '../../api/client';
import { type Build, firstError, type LiveBuild, stepWords } from '../../model/build';
import type { Run } from '../../model/run';
import { withUnit } from '../../model/units';
import { useLoad } from '../use_load';
import { Loaded } from './states';

function titleOf(run: Run, name: string): string {
  return run.stacks.find((stack) => stack.name === name)?.title ?? name;
}

function LogLink({ run, name }: { run: Run; name: string }) {
  return (
    <a href={client.urls.buildLog(run.id, name)} target="_blank" rel="noreferrer">
      whole log
    </a>
  );
}

// While it goes on.
export function Building({ run, build }: { run: Run; build: LiveBuild }) {
  return (
    <section class="card" aria-labelledby="building">
      <h2 id="building">Building {titleOf(run, build.name)}</h2>
      <p>
        {build.step !== undefined && `${stepWords(build.step)} · `}
        {build.lines} lines, <LogLink run={run} name={build.name} />
      </p>
      <pre>{build.last_lines.join('\n')}</pre>
    </section>
  );
}

export function Builds({ run }: { run: Run }) {
  const builds = useLoad(`builds ${run.id} ${run.state}`, () => client.builds(run.id));
  const load = builds.now.value;
  if (load.status !== 'ready' || load.value.items.length === 0) return null;
  return (
    <section class="card" aria-labelledby="builds">
      <h2 id="builds">Builds</h2>
      <ul>
        {load.value.items.map((build) => (
          <li key={`${build.owner} ${build.name}`}>
            <BuildLine run={run} build={build} />
            {build.state === 'failed' && <FailedLog run={run} build={build} />}
          </li>
        ))}
      </ul>
    </section>
  );
}

function BuildLine({ run, build }: { run: Run; build: Build }) {
  const took = build.duration_ns === undefined ? '' : ` after ${withUnit('ns', build.duration_ns)}`;
  const where = build.state !== 'succeeded' && build.step !== undefined ? `, ${stepWords(build.step)}` : '';
  return (
    <span>
      <b>{titleOf(run, build.name)}</b> {build.state}
      {took}
      {where} · {build.lines} lines, <LogLink run={run} name={build.name} />
    </span>
  );
}

function FailedLog({ run, build }: { run: Run; build: Build }) {
  const log = useLoad(`log ${run.id} ${build.name}`, () => client.buildLog(run.id, build.name));
  return (
    <Loaded load={log.now.value} what="the log" again={log.reload}>
      {(text) => <LogText text={text} name={titleOf(run, build.name)} />}
    </Loaded>
  );
}

// So much is drawn around the first error: a log may have 100 000 lines.
const kBefore = 500;
const kAfter = 2000;

function LogText({ text, name }: { text: string; name: string }) {
  const lines = text.replace(/\n$/, '').split('\n');
  const error = firstError(lines);
  const first = Math.max(error - kBefore, 0);
  const box = useRef<HTMLPreElement>(null);
  const mark = useRef<HTMLElement>(null);
  useEffect(() => {
    // The box alone is scrolled, not the page.
    if (box.current && mark.current) box.current.scrollTop = mark.current.offsetTop - box.current.offsetTop;
  }, [text]);
  return (
    <section aria-label={`Log of the build of ${name}`}>
      <pre ref={box} tabIndex={0}>
        {first > 0 && `… ${first} lines before …\n`}
        {lines.slice(first, error).map((line) => `${line}\n`)}
        <mark ref={mark}>{lines[error]}</mark>
        {`\n${lines.slice(error + 1, error + kAfter).join('\n')}`}
        {lines.length > error + kAfter && `\n… ${lines.length - error - kAfter} lines after …`}
      </pre>
    </section>
  );
}
