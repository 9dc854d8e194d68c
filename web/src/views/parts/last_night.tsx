// The last night at a glance: for each schedule what became of it, with its result in a sentence.
import * as client from '../../api/client';
import { lastNight } from '../../model/last_night';
import type { NightKind } from '../../model/nights';
import { runUrl, schedulesUrl } from '../../model/route';
import type { Run } from '../../model/run';
import type { Schedule } from '../../model/schedule';
import { headlineSentence } from '../../model/sentences';
import { useHeadline } from '../use_headline';
import { useLoad } from '../use_load';
import { Failed } from './states';

const kRefreshMs = 60_000;

const kSigns: Record<NightKind, { tone: string; sign: string; title: string }> = {
  ran: { tone: 'good', sign: '✓', title: 'ran' },
  failed: { tone: 'bad', sign: '✕', title: 'did not end well' },
  open: { tone: 'live', sign: '●', title: 'not ended yet' },
  started: { tone: 'plain', sign: '→', title: 'started' },
  skipped: { tone: 'warn', sign: '–', title: 'skipped' },
  none: { tone: 'plain', sign: '·', title: 'nothing was due' },
};

export function LastNight({ schedules }: { schedules: Schedule[] }) {
  return (
    <section class="card" aria-labelledby="last-night">
      <h2 id="last-night">
        <a href={schedulesUrl}>Last night</a>
      </h2>
      <ul class="list">
        {schedules.map((schedule) => (
          <NightRow key={schedule.name} schedule={schedule} />
        ))}
      </ul>
    </section>
  );
}

function NightRow({ schedule }: { schedule: Schedule }) {
  const fires = useLoad(`fires ${schedule.name}`, () => client.fires(schedule.name), { everyMs: kRefreshMs });
  const load = fires.now.value;
  if (load.status === 'loading') return null;
  if (load.status === 'failed')
    return (
      <li>
        <Failed problem={load.problem} again={fires.reload} />
      </li>
    );
  const night = lastNight(load.value.items, schedule.time_zone, Date.now());
  const { tone, sign, title } = kSigns[night?.kind ?? 'none'];
  const words = night === undefined || night.words === title ? '' : night.words;
  return (
    <li class="entry">
      <div class="line">
        {night?.run === undefined ? <b>{schedule.name}</b> : <a href={runUrl(night.run)}>{schedule.name}</a>}
        <span class={`tag ${tone}`}>
          <span aria-hidden="true">{sign}</span> {title}
        </span>
        {night !== undefined && night.kind !== 'none' && <span class="push soft small">{night.date}</span>}
      </div>
      {words !== '' && <div class="soft small">{words}</div>}
      {night?.run !== undefined && night.kind === 'ran' && <ResultOf key={night.run} id={night.run} />}
    </li>
  );
}

function ResultOf({ id }: { id: string }) {
  const run = useLoad(`run ${id}`, () => client.run(id)).now.value;
  return run.status === 'ready' ? <Result run={run.value} /> : null;
}

function Result({ run }: { run: Run }) {
  const headline = useHeadline(run);
  if (headline === undefined || headline === 'loading') return null;
  const sentence = headlineSentence(run, headline.board);
  return sentence === '' ? null : <div class="small">{sentence}</div>;
}
