// A run in progress, from the event stream. Once it has ended, a link to its result.
import { useEffect, useMemo } from 'preact/hooks';
import * as client from '../api/client';
import type { RunEvent } from '../model/live';
import { runUrl } from '../model/route';
import { hasEnded, type Run } from '../model/run';
import { caseTitle, phaseTitle } from '../model/titles';
import { follow } from '../state/live';
import { BlockGrid } from './parts/block_grid';
import { Building } from './parts/builds';
import { LivePanel, Rolling } from './parts/live_panel';
import { Crumbs, RunFacts, RunTags, runTitle, Warnings } from './parts/run_head';
import { Empty, Loaded, StateTag } from './parts/states';
import { useLoad } from './use_load';

export function LivePage({ id }: { id: string }) {
  const run = useLoad(`run ${id}`, () => client.run(id));
  return (
    <Loaded load={run.now.value} what="the run" again={run.reload}>
      {(value) => <Watching run={value} reload={run.reload} />}
    </Loaded>
  );
}

function Watching({ run, reload }: { run: Run; reload: () => void }) {
  const following = useMemo(() => follow(run.id), [run.id]);
  useEffect(() => following.stop, [following]);
  const live = following.live.value;
  const over = live.ended || hasEnded(run.state);
  useEffect(() => {
    if (live.ended) reload();
  }, [live.ended]);
  const newest = live.log.find((event) => event.kind === 'trial_done')?.id;
  const standing = live.log.find((event) => event.kind === 'look')?.text;
  const state = hasEnded(run.state) ? run.state : (live.state ?? run.state);
  return (
    <>
      <div class="head">
        <Crumbs run={run.id} here="live" />
        <h1>{runTitle(run)}</h1>
        <RunTags run={{ ...run, state }} />
      </div>
      {over ? (
        <section class="card" role="status">
          <div class="line">
            <StateTag state={state} />
            <b>The run has ended.</b>
            <span class="push">
              <a class="button" href={runUrl(run.id)}>
                See the result
              </a>
            </span>
          </div>
          <RunFacts run={run} />
        </section>
      ) : (
        <>
          <LivePanel
            run={run}
            state={state}
            progress={live.progress ?? run.progress}
            mode={following.mode.value}
            standing={standing}
          />
          {live.build && <Building run={run} build={live.build} />}
          <Rolling run={run} live={following.live} />
          <BlockGrid run={run} progress={live.progress ?? run.progress} newest={newest} />
        </>
      )}
      <Warnings run={run} />
      <section class="card" aria-labelledby="log">
        <h2 id="log">Event log</h2>
        {live.log.length === 0 ? (
          <Empty title="Nothing yet." />
        ) : (
          <ol class="log" tabIndex={0}>
            {live.log.map((event) => (
              <li key={event.id}>
                <time dateTime={event.at}>{clock(event.at)}</time>
                <span>
                  {event.case !== undefined && <b>{caseTitle(run, event.case)} </b>}
                  {sentenceOf(run, event)}
                </span>
              </li>
            ))}
          </ol>
        )}
      </section>
    </>
  );
}

// The API's sentence with titles in place of the names of its own case and phase.
function sentenceOf(run: Run, event: RunEvent): string {
  let text = event.text;
  if (event.case !== undefined) text = text.replaceAll(event.case, caseTitle(run, event.case));
  if (event.phase !== undefined) text = text.replaceAll(event.phase, phaseTitle(event.phase));
  return text;
}

function clock(iso: string): string {
  const at = new Date(iso);
  return Number.isNaN(at.getTime()) ? iso : at.toLocaleTimeString('en-GB', { hourCycle: 'h23' });
}
