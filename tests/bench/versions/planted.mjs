// How much slower is slower? A task of about 150 us with and without what stacks/examples/orders/src/slower.js adds, by the CPU time of
// this process, in turns. Usage: node planted.mjs [percent [rounds]]
import { slower } from '../../../stacks/examples/orders/src/slower.js';

const percent = Number(process.argv[2] ?? 10);
const rounds = Number(process.argv[3] ?? 6);
const kCalls = 16000;
const kAtOnce = 32;

async function task() {
  let size = 0;
  for (let i = 0; i < 600; i++) size += JSON.stringify({ id: i, items: [i, i + 1, 'text'] }).length;
  return size;
}

async function cpuPerCall(call) {
  const begin = process.cpuUsage();
  for (let i = 0; i < kCalls; i += kAtOnce) await Promise.all(Array.from({ length: kAtOnce }, call));
  const { user, system } = process.cpuUsage(begin);
  return (user + system) / kCalls;
}

let requests = 0;
const counted = (call) => () => {
  requests++;
  return call();
};
const plain = counted(task);
const slow = counted(slower(task, () => requests, percent));
console.log('| as it is, us | slower, us | ratio |\n|---:|---:|---:|');
for (let round = 0; round < rounds; round++) {
  const [before, after] = [await cpuPerCall(plain), await cpuPerCall(slow)];
  console.log(`| ${before.toFixed(1)} | ${after.toFixed(1)} | ${(after / before).toFixed(3)} |`);
}
