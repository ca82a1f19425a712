// What belongs together: which cells a window reads, what a cell feeds. Nothing is drawn here.

const NONE = -1;

function decoded(text) {
  const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  return new Int16Array(bytes.buffer);
}

// The positions of all taps, grouped by one of their three cells: taps of cell c are order[starts[c] .. starts[c + 1]].
function grouped(taps, which) {
  const count = taps.length / 3;
  let cells = 0;
  for (let t = 0; t < count; t++) cells = Math.max(cells, taps[3 * t + which] + 1);
  const starts = new Int32Array(cells + 1),
    order = new Int32Array(count);
  for (let t = 0; t < count; t++) if (taps[3 * t + which] >= 0) starts[taps[3 * t + which] + 1]++;
  for (let c = 0; c < cells; c++) starts[c + 1] += starts[c];
  const next = starts.slice();
  for (let t = 0; t < count; t++) if (taps[3 * t + which] >= 0) order[next[taps[3 * t + which]]++] = t;
  return (cell) => (cell < cells ? order.subarray(starts[cell], starts[cell + 1]) : []);
}

class Links {
  constructor({ planes, steps, walk }) {
    this.planes = new Map(planes.map((plane) => [plane.key, plane]));
    this.steps = steps.map((step) => {
      const taps = decoded(step.taps);
      return {
        ...step,
        taps,
        by: [0, 1, 2].map((which) => grouped(taps, which)),
        sides: [step.outputs, step.inputs, step.weights],
      };
    });
    this.aliases = new Map();
    for (const plane of planes) {
      if (!plane.alias) continue;
      for (let cell = 0; cell < plane.rows * plane.columns; cell++) {
        const id = this.id(plane, cell);
        if (id === NONE) continue;
        const name = `${plane.alias} ${id}`;
        if (!this.aliases.has(name)) this.aliases.set(name, []);
        this.aliases.get(name).push([plane.key, cell]);
      }
    }
    this.walk = walk.flatMap((key) => this.cellsOf(this.planes.get(key)).map((cell) => [key, cell]));
    this.turn = new Map(
      this.walk.flatMap(([key, cell], turn) => this.same(key, cell).map((each) => [each.join(), turn])),
    );
    this.fills = this.steps.some((step) => step.outputs.some((key) => walk.includes(key)));
  }

  // All cells of a plane but its padding.
  cellsOf(plane) {
    const cells = Array.from({ length: plane.rows * plane.columns }, (_, cell) => cell);
    return cells.filter((cell) => !this.isPadding(plane, cell));
  }

  isPadding({ rim: [top, bottom, left, right], rows, columns }, cell) {
    const row = Math.floor(cell / columns),
      column = cell % columns;
    return row < top || row >= rows - bottom || column < left || column >= columns - right;
  }

  id(plane, cell) {
    if (plane.cells.length) return plane.cells[cell];
    if (this.isPadding(plane, cell)) return NONE;
    const [top, , left, right] = plane.rim;
    return (Math.floor(cell / plane.columns) - top) * (plane.columns - left - right) + (cell % plane.columns) - left;
  }

  // The same thing wherever it is drawn, this place first.
  same(key, cell) {
    const plane = this.planes.get(key),
      id = plane.alias ? this.id(plane, cell) : NONE;
    if (id === NONE) return [[key, cell]];
    const others = this.aliases.get(`${plane.alias} ${id}`).filter(([k, c]) => k !== key || c !== cell);
    return [[key, cell], ...others];
  }

  // Every meeting of a cell in a step: side 0 as its output, 1 as its input, 2 as its weight.
  *meetings(step, key, cell, side) {
    const place = step.sides[side].indexOf(key);
    if (place < 0) return;
    for (const pair of step.pairs) {
      if (pair[side] !== place) continue;
      for (const tap of step.by[side](cell)) {
        const cells = step.taps.subarray(3 * tap, 3 * tap + 3);
        yield [0, 1, 2].map((s) => (pair[s] < 0 || cells[s] < 0 ? null : [step.sides[s][pair[s]], cells[s]]));
      }
    }
  }

  // What a cell lights: {plane: {cell: "self" | "linked" | "far"}}; "far" is one step further than what it touches.
  lit(key, cell) {
    const marks = new Map([...this.planes.keys()].map((name) => [name, new Map()]));
    const mark = (place, role) => {
      if (place && !marks.get(place[0]).has(place[1])) marks.get(place[0]).set(place[1], role);
    };
    const selves = this.same(key, cell);
    for (const self of selves) mark(self, "self");
    const near = [];
    for (const step of this.steps) {
      for (const self of selves) {
        for (const side of [0, 1, 2]) {
          for (const met of this.meetings(step, ...self, side)) {
            for (const place of met) {
              if (place && !marks.get(place[0]).has(place[1])) near.push([place, step]);
              mark(place, "linked");
            }
          }
        }
      }
    }
    for (const [place, by] of near) {
      for (const step of this.steps) {
        if (step === by) continue;
        for (const side of [0, 1]) {
          for (const met of this.meetings(step, ...place, side)) mark(met[1 - side], "far");
        }
      }
    }
    return marks;
  }

  // Which step computes a plane, which one reads it: the first that does.
  stepOf(key, side) {
    return this.steps.find((step) => step.sides[side].includes(key));
  }

  // What an output cell is made of, input plane by input plane.
  terms(key, cell) {
    const step = this.stepOf(key, 0),
      parts = new Map();
    for (const [, input, weight] of this.meetings(step, key, cell, 0)) {
      if (!parts.has(input[0])) parts.set(input[0], []);
      const value = this.planes.get(input[0]).values[input[1]];
      parts.get(input[0]).push({ input, value, weight, by: weight && this.planes.get(weight[0]).values[weight[1]] });
    }
    return { step, parts, bias: step.bias[step.outputs.indexOf(key)] ?? 0 };
  }

  // The value of a cell after `turns` cells of the walk; null where it is still to come.
  after(turns, key, cell) {
    const plane = this.planes.get(key);
    if (turns >= this.walk.length) return plane.values[cell];
    if (this.fills) return (this.turn.get(`${key},${cell}`) ?? NONE) < turns ? plane.values[cell] : null;
    const step = this.stepOf(key, 0);
    if (!step || !step.inputs.some((name) => this.turn.has(`${name},0`))) return plane.values[cell];
    let sum = step.bias[step.outputs.indexOf(key)] ?? 0;
    for (const [, input, weight] of this.meetings(step, key, cell, 0)) {
      if ((this.turn.get(input.join()) ?? NONE) >= turns) continue;
      sum += this.planes.get(input[0]).values[input[1]] * (weight ? this.planes.get(weight[0]).values[weight[1]] : 1);
    }
    return sum;
  }
}
