// Reads the table behind a chart: the stack of each row and its exact values, which are in the tooltips. `reasons` has why a
// value is missing: a busy machine may strike one out, and its cell says so.

export function numberIn(title) {
  return Number(/^[−\d\u202f.]+/.exec(title)[0].replaceAll('\u202f', '').replace('−', '-'));
}

// Its rows. They are made when it is opened, a moment after the click.
export async function openTable(figure) {
  const details = figure.locator('details').last();
  if ((await details.getAttribute('open')) === null) await details.locator('summary').click();
  const rows = figure.locator('tbody tr');
  await rows.first().waitFor();
  return rows;
}

export async function openAll(part) {
  for (const summary of await part.locator('details > summary').all()) await summary.click();
  for (const details of await part.locator('figure > details[open]').all()) await details.locator('table').first().waitFor();
}

export async function exactRows(figure) {
  const rows = await (await openTable(figure)).evaluateAll((all) =>
    all.map((row) => ({
      head: row.querySelector('th').innerText,
      titles: [...row.querySelectorAll('td[title]')].map((cell) => cell.title),
    })),
  );
  return rows.map(({ head, titles }) => ({
    name: head.split('\n').at(-1),
    values: titles.filter((title) => !title.startsWith('not measured')).map(numberIn),
    reasons: titles.filter((title) => title.startsWith('not measured: ')),
  }));
}
