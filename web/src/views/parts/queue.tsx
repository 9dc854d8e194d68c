// What waits to be run, in its order, and why no run begins where that is so. Nothing is shown while nothing waits.
import { useState } from 'preact/hooks';
import * as client from '../../api/client';
import type { Problem } from '../../model/problem';
import { liveUrl } from '../../model/route';
import { shortId, type Queue as Waiting } from '../../model/run';
import { holdTitle } from '../../model/titles';
import { relative, stamp } from '../../model/units';
import { useLoad } from '../use_load';
import { Failed } from './states';

const kRefreshMs = 5000;

type Answered = Promise<{ ok: true } | { ok: false; problem: Problem }>;

export function Queue({ changed }: { changed: () => void }) {
  const queue = useLoad('queue', client.queue, { everyMs: kRefreshMs });
  const [problem, setProblem] = useState<Problem | undefined>(undefined);
  const load = queue.now.value;
  if (load.status !== 'ready') return null;
  const waiting = load.value.items.filter((item) => item.position > 0);
  const act = async (answered: Answered) => {
    const answer = await answered;
    setProblem(answer.ok ? undefined : answer.problem);
    void queue.reload();
    changed();
  };
  return (
    <>
      {load.value.held !== undefined && <Held held={load.value.held} />}
      {problem && <Failed problem={problem} />}
      {waiting.length > 0 && (
        <section class="card" aria-labelledby="queue">
          <h2 id="queue">Queue</h2>
          <ol class="list">
            {waiting.map((item) => (
              <li key={item.run} class="entry">
                <div class="line">
                  <a href={liveUrl(item.run)}>Run {shortId(item.run)}</a>
                  <span class="soft small">
                    {item.begins_at === undefined
                      ? item.reason
                      : `expected to begin ${relative(item.begins_at, Date.now())}`}
                  </span>
                  <span class="push line">
                    {item.position > 1 && (
                      <button type="button" onClick={() => act(client.move(item.run, item.position - 1))}>
                        Move up
                      </button>
                    )}
                    <button type="button" class="danger" onClick={() => act(client.cancel(item.run))}>
                      Cancel
                    </button>
                  </span>
                </div>
              </li>
            ))}
          </ol>
        </section>
      )}
    </>
  );
}

function Held({ held }: { held: NonNullable<Waiting['held']> }) {
  return (
    <div class="notice bad" role="status">
      <b>
        {holdTitle(held.reason)} since {stamp(held.since)}; no run begins
      </b>
      <span>{held.text}</span>
    </div>
  );
}
