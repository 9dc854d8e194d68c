// Schedules: the next due times of each, and the outcomes of past ones.
import { useState } from 'preact/hooks';
import * as client from '../api/client';
import { type Night, type NightKind, nights } from '../model/nights';
import type { Problem } from '../model/problem';
import { liveUrl, runUrl } from '../model/route';
import { type Fire, fires as isFiring, type Schedule } from '../model/schedule';
import { missedTitle, words } from '../model/titles';
import { localStamp, relative, spell, stamp } from '../model/units';
import { go } from '../state/location';
import { Empty, Failed, Loaded } from './parts/states';
import { Table } from './parts/table';
import { useLoad } from './use_load';

export function SchedulesPage() {
  const schedules = useLoad('schedules', client.schedules);
  return (
    <>
      <div class="head">
        <h1>Schedules</h1>
        <p class="soft">
          From files in the schedules folder, or stored in the daemon. Each due time starts at most one run.
        </p>
      </div>
      <Loaded load={schedules.now.value} what="schedules" again={schedules.reload}>
        {(list) => (
          <>
            {list.problems.map((p) => (
              <div class="notice bad" key={p.file + p.detail}>
                <b>
                  {p.file}
                  {p.line !== undefined && `:${p.line}`}
                </b>
                <span>{p.detail}</span>
              </div>
            ))}
            {list.items.length === 0 && (
              <Empty title="No schedules yet.">
                Add a YAML file to the schedules folder, or use dyno schedule add.
              </Empty>
            )}
            {list.items.map((schedule) => (
              <ScheduleCard key={schedule.name} schedule={schedule} changed={schedules.reload} />
            ))}
          </>
        )}
      </Loaded>
    </>
  );
}

function ScheduleCard({ schedule, changed }: { schedule: Schedule; changed: () => unknown }) {
  const due = useLoad(`due ${schedule.name}`, () => client.nextDue(schedule.name));
  const fires = useLoad(`fires ${schedule.name}`, () => client.fires(schedule.name));
  return (
    <section class="card" aria-labelledby={`schedule-${schedule.name}`}>
      <div class="line">
        <h2 id={`schedule-${schedule.name}`}>{schedule.name}</h2>
        <span class={`tag ${isFiring(schedule) ? 'good' : 'warn'}`}>{isFiring(schedule) ? 'enabled' : 'paused'}</span>
        <Actions schedule={schedule} changed={changed} />
      </div>
      {schedule.problem !== undefined && (
        <div class="notice bad">
          <span>{schedule.problem}</span>
        </div>
      )}
      <dl class="facts">
        <Fact name="Cron" value={schedule.cron} />
        <Fact name="Time zone" value={schedule.time_zone} />
        <Fact name="Stacks" value={schedule.stacks.join(', ')} />
        <Fact name="Profile" value={schedule.profile} />
        <Fact name="Time limit" value={spell(schedule.budget_ns / 1e9)} />
        {schedule.fit && <Fact name="A run takes" value={fitWords(schedule.fit)} />}
        {schedule.quiet_hours !== undefined && <Fact name="Quiet hours" value={schedule.quiet_hours} />}
        <Fact name="If missed" value={missedTitle(schedule.missed)} />
        <Fact name="If one is still running" value={words(schedule.overlap)} />
      </dl>
      <Loaded load={fires.now.value} what="the last nights" again={fires.reload}>
        {(list) => <Calendar nights={nights(list.items, schedule.time_zone, Date.now())} />}
      </Loaded>
      <div class="two">
        <Loaded load={due.now.value} what="due times" again={due.reload}>
          {(list) => (
            <Table
              cards
              caption="Next due times"
              rows={list.items}
              rowKey={(d) => d.at}
              columns={[
                {
                  key: 'local',
                  title: 'Local time',
                  head: true,
                  cell: (d) => ({ text: localStamp(d.local), small: d.note, sort: d.at }),
                },
                { key: 'at', title: 'UTC', cell: (d) => ({ text: stamp(d.at, 'UTC'), sort: d.at }) },
                { key: 'in', title: 'When', cell: (d) => ({ text: relative(d.at, Date.now()), sort: d.at }) },
              ]}
            />
          )}
        </Loaded>
        <Loaded load={fires.now.value} what="the history" again={fires.reload}>
          {(list) =>
            list.items.length === 0 ? (
              <Empty title="Has not run yet." />
            ) : (
              <Table
                cards
                caption="History"
                rows={list.items.slice(0, kShown)}
                rowKey={(f: Fire) => f.nominal_at}
                columns={[
                  {
                    key: 'at',
                    title: 'Due (UTC)',
                    head: true,
                    cell: (f) => ({ text: stamp(f.nominal_at, 'UTC'), sort: f.nominal_at }),
                  },
                  {
                    key: 'outcome',
                    title: 'Outcome',
                    cell: (f) =>
                      f.run !== undefined
                        ? {
                            text: <a href={runUrl(f.run)}>run {f.run.slice(-8)}</a>,
                            small: words(f.state ?? ''),
                            sort: f.run,
                          }
                        : {
                            text: `skipped: ${f.reason ?? words(f.skipped ?? '')}${f.folded > 1 ? ` (${f.folded} times)` : ''}`,
                            sort: f.skipped ?? '',
                          },
                  },
                ]}
              />
            )
          }
        </Loaded>
      </div>
    </section>
  );
}

const kShown = 20;

const kMarks: Record<NightKind, string> = { ran: '✓', failed: '✗', open: '…', started: '→', skipped: '–', none: '·' };

function Calendar({ nights: days }: { nights: Night[] }) {
  return (
    <figure class="nights">
      <figcaption class="soft">
        Last 30 nights: ✓ ran, ✗ did not end well, … not ended yet, – skipped, · nothing
      </figcaption>
      <ol>
        {days.map((night) => (
          <li key={night.date} class={night.kind} title={`${night.date}: ${night.words}`}>
            {night.run === undefined ? (
              <span aria-hidden="true">{kMarks[night.kind]}</span>
            ) : (
              <a href={runUrl(night.run)} aria-label={`${night.date}: ${night.words}`}>
                {kMarks[night.kind]}
              </a>
            )}
            {night.run === undefined && <span class="unseen">{`${night.date}: ${night.words}`}</span>}
          </li>
        ))}
      </ol>
    </figure>
  );
}

function fitWords(fit: NonNullable<Schedule['fit']>): string {
  const about = `about ${spell(fit.expected_ns / 1e9)}`;
  const how = fit.run === undefined ? 'planned' : 'as last time';
  return `${about} (${how})${fit.fits ? '' : ', more than its time limit'}`;
}

function Actions({ schedule, changed }: { schedule: Schedule; changed: () => unknown }) {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | undefined>(undefined);
  const paused = schedule.paused_at !== undefined;
  const act = async <T,>(ask: () => Promise<client.Answer<T>>, then: (value: T) => unknown) => {
    setBusy(true);
    const answer = await ask();
    setBusy(false);
    setProblem(answer.ok ? undefined : answer.problem);
    if (answer.ok) then(answer.value);
  };
  const run = () =>
    act(
      () => client.runSchedule(schedule.name),
      (started) => go(liveUrl(started.id)),
    );
  const pause = () => act(() => client.pauseSchedule(schedule.name, !paused), changed);
  return (
    <>
      <button type="button" disabled={busy} onClick={run}>
        Run now
      </button>
      {schedule.enabled && (
        <button type="button" disabled={busy} onClick={pause}>
          {paused ? 'Resume' : 'Pause'}
        </button>
      )}
      {problem && <Failed problem={problem} />}
    </>
  );
}

function Fact({ name, value }: { name: string; value: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}
