// One trial from container creation to its end: rate, p99, CPU and memory under one cursor, with its phases and where gates judged them.
import { useMemo } from 'preact/hooks';
import * as client from '../api/client';
import type { Entry } from '../model/board';
import { type RunRoute, urlOf } from '../model/route';
import { type Course, greatestOf } from '../model/timeline';
import { phaseTitle } from '../model/titles';
import type { Trial } from '../model/trial';
import { markWords, type TrialCourse, trialCourseOf } from '../model/trial_course';
import { exact, significant, type Unit, withUnit } from '../model/units';
import { go } from '../state/location';
import { axisTo } from './charts/axis';
import { Plot } from './charts/plot';
import { Figure } from './parts/figure';
import { Empty, Loaded } from './parts/states';
import { Table } from './parts/table';
import { useLoad } from './use_load';

interface Props {
  route: RunRoute;
  phase: string;
  chosen: Entry[];
  lists: Trial[][]; // of each of them
}

export function TrialTimeline({ route, phase, chosen, lists }: Props) {
  const all = lists.flatMap((trials, i) => trials.map((trial) => ({ trial, entry: chosen[i] as Entry })));
  const now = all.find(({ trial }) => trial.id === route.trial) ?? all[0];
  if (now === undefined) return null;
  return <OneTrial key={now.trial.id} route={route} phase={phase} chosen={chosen} lists={lists} {...now} />;
}

function OneTrial(props: Props & { trial: Trial; entry: Entry }) {
  const { trial, entry } = props;
  const course = useLoad(`course ${trial.id}`, () => courseOf(trial));
  const load = course.now.value;
  const title = `One trial second by second: ${entry.title}`;
  if (load.status === 'failed')
    return <Empty title={`No course of a trial of ${entry.title}.`}>{load.problem.detail}</Empty>;
  return (
    <Loaded load={load} what="the course of the trial" again={course.reload}>
      {(value) =>
        value.at_s.length === 0 ? (
          <Empty title={`No course of a trial of ${entry.title}.`}>Its samples and seconds are not kept.</Empty>
        ) : (
          <CourseFigure {...props} title={title} course={value} />
        )
      }
    </Loaded>
  );
}

async function courseOf(trial: Trial): Promise<client.Answer<TrialCourse>> {
  const [samples, seconds, measured] = await Promise.all([
    client.samples(trial.id),
    client.seconds(trial.id),
    client.measurements(trial.id, { metric: ['throughput_per_s'] }),
  ]);
  if (!samples.ok) return samples;
  if (!seconds.ok) return seconds;
  if (!measured.ok) return measured;
  return { ok: true, value: trialCourseOf(trial, samples.value, seconds.value, measured.value.phases) };
}

interface Quantity {
  key: 'rate' | 'p99' | 'cores' | 'private_bytes';
  label: string;
  unit: Unit;
}

const kQuantities: Quantity[] = [
  { key: 'rate', label: 'Good responses', unit: '1/s' },
  { key: 'p99', label: 'p99', unit: 'ns' },
  { key: 'cores', label: 'CPU cores', unit: '1' },
  { key: 'private_bytes', label: 'Private memory', unit: 'B' },
];

function CourseFigure(props: Props & { trial: Trial; entry: Entry; title: string; course: TrialCourse }) {
  const { trial, entry, title, course, phase } = props;
  const phases = course.bands.map((band) => band.phase);
  const shown = kQuantities.filter(({ key }) => course[key].some((value) => typeof value === 'number'));
  const bands = course.bands.map((band) => ({ ...band, label: phaseTitle(band.phase, phases) }));
  const marks = useMemo(() => course.marks.map((mark, i) => ({ x: mark.at_s, label: String(i + 1) })), [course]);
  return (
    <Figure
      wide
      title={title}
      sentence={`Trial ${trial.index + 1}, block ${trial.block}. Seconds count from container creation; the bands are the measured phases${
        phases.includes(phase) ? '' : ', among which that of this page is not'
      }. All charts have one cursor.`}
      reading={
        course.marks.length === 0 ? (
          'No gate marked this trial.'
        ) : (
          <ol class="plain">
            {course.marks.map((mark) => (
              <li key={`${mark.phase} ${mark.title}`}>{markWords(mark, phases)}</li>
            ))}
          </ol>
        )
      }
      source={client.urls.seconds(trial.id)}
      table={<CourseTable course={course} shown={shown} caption={title} />}
    >
      <TrialSelect {...props} />
      {shown.map((quantity, i) => (
        <QuantityPlot
          key={quantity.key}
          quantity={quantity}
          isFirst={i === 0}
          title={title}
          course={course}
          slot={entry.slot}
          bands={bands}
          marks={marks}
        />
      ))}
    </Figure>
  );
}

function QuantityPlot(props: {
  quantity: Quantity;
  isFirst: boolean;
  title: string;
  course: TrialCourse;
  slot: number;
  bands: { label: string; from: number; to: number }[];
  marks: { x: number; label: string }[];
}) {
  const { quantity, isFirst, course, slot } = props;
  const { key, label, unit } = quantity;
  const lines = useMemo(() => [{ label, slot, values: course[key] }], [course, key, slot]);
  const axis = axisTo(unit, greatestOf(course[key]) * 1.12);
  return (
    <div>
      <p class="small">
        <b>{label}</b>
      </p>
      <Plot
        label={isFirst ? `${label}, ${props.title}` : label}
        x={course.at_s}
        lines={lines}
        bands={props.bands}
        marks={props.marks}
        sync="trial"
        follows={!isFirst}
        nearest
        height={180}
        xTitle="second"
        xText={(x) => String(Number(x.toFixed(2)))}
        yTicks={axis.ticks}
        yText={(y) => textOf(unit, y)}
      />
    </div>
  );
}

function textOf(unit: Unit, value: number): string {
  return unit === '1' ? significant(value) : withUnit(unit, value);
}

// Of the stacks that are looked at closely.
function TrialSelect({ route, chosen, lists, trial }: Props & { trial: Trial }) {
  return (
    <label class="field small">
      <b>Trial</b>
      <select
        value={trial.id}
        onChange={(e) =>
          go(
            urlOf({ ...route, cases: chosen.map((entry) => entry.case).join(','), trial: e.currentTarget.value }),
            'replace',
          )
        }
      >
        {chosen.map((entry, i) => (
          <optgroup key={entry.case} label={entry.title}>
            {lists[i]?.map((each) => (
              <option key={each.id} value={each.id}>
                {entry.title}, trial {each.index + 1}, block {each.block}
              </option>
            ))}
          </optgroup>
        ))}
      </select>
    </label>
  );
}

function CourseTable({ course, shown, caption }: { course: TrialCourse; shown: Quantity[]; caption: string }) {
  return (
    <Table
      caption={caption}
      rows={course.at_s.map((at, i) => ({ at, i }))}
      rowKey={({ i }) => String(i)}
      columns={[
        {
          key: 'at',
          title: 'Second',
          head: true,
          number: true,
          cell: ({ at }) => ({ text: at.toFixed(2), sort: at }),
        },
        ...shown.map(({ key, label, unit }) => ({
          key,
          title: label,
          number: true,
          cell: ({ i }: { i: number }) => valueCell(unit, course[key][i]),
        })),
      ]}
    />
  );
}

function valueCell(unit: Unit, value: Course[number]) {
  if (value === null || value === undefined) return { text: '–' };
  return { text: textOf(unit, value), title: exact(unit, value), sort: value };
}
