#!/usr/bin/env node
// Reads back with hdr-histogram-js what dyno-load encoded: its report (--json) comes in by standard input, and every histogram in it must
// have the count and the percentiles that stand beside it.
//   dyno-load URL --json | NODE_PATH=… tests/bench/loadgen/read_histogram.mjs      (npm install hdr-histogram-js)
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";

const hdr = createRequire(process.env.NODE_PATH ? process.env.NODE_PATH + "/" : import.meta.url)("hdr-histogram-js");
const report = JSON.parse(readFileSync(0, "utf8"));
let checked = 0;
let wrong = 0;

function check(what, told, read) {
  ++checked;
  if (Math.abs(told - read) <= told * 0.001 + 1) return;
  ++wrong;
  console.log(`${what}: told ${told}, read ${read}`);
}

function visit(name, value) {
  if (value === null || typeof value !== "object") return;
  if (typeof value.hdr_v2 === "string") {
    const histogram = hdr.decodeFromCompressedBase64(value.hdr_v2);
    check(name + " n", value.n, histogram.totalCount);
    check(name + " mean", value.mean_ns, histogram.mean);
    for (const [key, told] of Object.entries(value)) {
      const percentile = /^p([\d.]+)_ns$/.exec(key);
      if (percentile) check(`${name} ${key}`, told, histogram.getValueAtPercentile(Number(percentile[1])));
    }
    if (value.n > 0) check(name + " max", value.max_ns, histogram.maxValue);
  }
  for (const [key, part] of Object.entries(value)) visit(key, part);
}

visit("report", report);
console.log(`${checked} values read back, ${wrong} wrong`);
process.exit(checked > 0 && wrong === 0 ? 0 : 1);
