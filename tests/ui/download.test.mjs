// Files that come piece by piece: counted as they pass, given up when asked.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { CsvCounter, Download, JsonCounter } from "../../assets/ui/download.js";

const bytes = (text) => new TextEncoder().encode(text);

/** Counted whole, and byte by byte: the same. */
function counted(Counter, text) {
  const whole = new Counter().count(bytes(text));
  const slow = new Counter();
  let last = 0;
  for (const b of bytes(text)) last = slow.count(Uint8Array.of(b));
  assert.equal(last, whole);
  return whole;
}

function answer(pieces, type = "text/csv") {
  const stream = new ReadableStream({ start: (c) => (pieces.forEach((p) => c.enqueue(bytes(p))), c.close()) });
  return new Response(stream, { headers: { "content-type": type } });
}

describe("rows", () => {
  it("of a CSV are its lines but the first, and not those in quotes", () => {
    assert.equal(counted(CsvCounter, 'id,input\n1,"a\nb ""c""\n"\n2,x\n'), 2);
    assert.equal(counted(CsvCounter, ""), 0);
    assert.equal(counted(CsvCounter, "id\n"), 0);
  });
  it("of JSON are the outermost objects of the list", () => {
    assert.equal(counted(JsonCounter, '[{"a":{"b":[{}]}},{"a":"}{\\"}"},{}]'), 3);
    assert.equal(counted(JsonCounter, '{"approvals":[{"a":{}},{"a":"["}],"next":null}'), 2);
    assert.equal(counted(JsonCounter, "[]"), 0);
  });
});

describe("a download", () => {
  it("gives the whole of it, and says how far it is", async () => {
    const seen = [];
    const d = new Download("csv", 2);
    const blob = await d.read(async () => answer(["id\n1\n", "2\n"]), () => seen.push([d.rows, d.bytes]));
    assert.equal(await blob.text(), "id\n1\n2\n");
    assert.equal(blob.type, "text/csv");
    assert.deepEqual(seen, [[1, 5], [2, 7]]);
  });
  it("that is given up gives nothing, and is no failure", async () => {
    const d = new Download("json", 0);
    const open = (signal) => new Promise((_, no) => signal.addEventListener("abort", () => no(signal.reason)));
    const reading = d.read(open, () => {});
    d.cancel();
    assert.equal(await reading, null);
  });
  it("that fails says so", async () => {
    await assert.rejects(new Download("csv", 0).read(async () => { throw new Error("gone"); }, () => {}), /gone/);
  });
});
