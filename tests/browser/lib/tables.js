// Reads the table behind a chart: the stack of each row and its exact values, which are in the tooltips. `reasons` has why a
// value is missing: a busy machine may strike one out, and its cell says so.

export function numberIn(title) {
  return Number(/^[−\d\u202f.]+/.exec(title)[0].replaceAll('\u202f', '').replace('−', '-'));
}

export async function exactRows(figure) {
  const details = figure.locator('details');
  if ((await details.getAttribute('open')) === null) await details.locator('summary').click();
  await figure.locator('tbody tr').first().waitFor();
  const rows = await figure.locator('tbody tr').evaluateAll((all) =>
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
