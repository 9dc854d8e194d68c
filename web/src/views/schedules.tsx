// Schedules: the next due times of each, and the outcomes of past ones.
import * as client from '../api/client';
import { runUrl } from '../model/route';
import type { Schedule } from '../model/schedule';
import { words } from '../model/titles';
import { localStamp, relative, spell, stamp } from '../model/units';
import { Empty, Loaded } from './parts/states';
import { Table } from './parts/table';
import { useLoad } from './use_load';

export function SchedulesPage() {
  const schedules = useLoad('schedules', client.schedules);
  return (
    <>
      <div class="head">
        <h1>Schedules</h1>
        <p class="soft">Read from the files in the schedules folder. Each due time starts at most one run.</p>
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
              <Empty title="No schedules yet.">Add a YAML file to the schedules folder.</Empty>
            )}
            {list.items.map((schedule) => (
              <ScheduleCard key={schedule.name} schedule={schedule} />
            ))}
          </>
        )}
      </Loaded>
    </>
  );
}

function ScheduleCard({ schedule }: { schedule: Schedule }) {
  const due = useLoad(`due ${schedule.name}`, () => client.nextDue(schedule.name));
  const fires = useLoad(`fires ${schedule.name}`, () => client.fires(schedule.name));
  return (
    <section class="card" aria-labelledby={`schedule-${schedule.name}`}>
      <div class="line">
        <h2 id={`schedule-${schedule.name}`}>{schedule.name}</h2>
        <span class={`tag ${schedule.enabled ? 'good' : 'warn'}`}>{schedule.enabled ? 'enabled' : 'paused'}</span>
      </div>
      <dl class="facts">
        <Fact name="Cron" value={schedule.cron} />
        <Fact name="Time zone" value={schedule.time_zone} />
        <Fact name="Stacks" value={schedule.stacks.join(', ')} />
        <Fact name="Profile" value={schedule.profile} />
        <Fact name="Time limit" value={spell(schedule.budget_ns / 1e9)} />
        <Fact name="If missed" value={words(schedule.missed)} />
        <Fact name="If one is still running" value={words(schedule.overlap)} />
      </dl>
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
                rows={list.items}
                rowKey={(f) => f.nominal_at}
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
                        ? { text: <a href={runUrl(f.run)}>run {f.run.slice(-8)}</a>, sort: f.run }
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

function Fact({ name, value }: { name: string; value: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}
