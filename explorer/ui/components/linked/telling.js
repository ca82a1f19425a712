// What is said of a cell: the products it is the sum of, the outputs it goes into.

const MOST = 64; // outputs that are named one by one

function filled(template, values) {
  return template.replace(/\{(\w+)\}/g, (_, name) => values[name]);
}

function signed(value) {
  return value < 0 ? `(${number(value)})` : number(value);
}

class Telling {
  constructor(links, words) {
    Object.assign(this, { links, words });
  }

  // Lines of [kind, text]: "" for words, "sum" for arithmetic. What is drawn in several places is told for each.
  lines(key, cell) {
    const { links } = this,
      lines = [];
    for (const [plane, at] of links.same(key, cell)) if (links.stepOf(plane, 0)) lines.push(...this.sum(plane, at));
    if (!lines.length || links.stepOf(key, 1)) lines.push(...this.use(key, cell));
    return lines;
  }

  value(key, cell) {
    return this.links.planes.get(key).values[cell];
  }

  // As code would index it, but for the axis that a row or a column does not have.
  name(key, cell) {
    const {
      rows,
      columns,
      rim: [top, bottom, left, right],
    } = this.links.planes.get(key);
    const row = Math.floor(cell / columns) - top,
      column = (cell % columns) - left;
    const symbol = key.replace(/\d/g, (digit) => String.fromCharCode(0x2080 + Number(digit)));
    const place = rows - top - bottom === 1 ? column : columns - left - right === 1 ? row : `${row}, ${column}`;
    return `${symbol}[${place}]`;
  }

  sum(key, cell) {
    const { step, parts, bias } = this.links.terms(key, cell),
      { words } = this,
      value = number(this.value(key, cell));
    const biased = step.bias.some(Boolean),
      several = parts.size > 1 || biased;
    const totals = [],
      lines = [];
    let count = 0;
    for (const [plane, terms] of parts) {
      count += terms.length;
      totals.push(terms.reduce((sum, term) => sum + term.value * (term.by ?? 1), 0));
      const name = parts.size > 1 ? `${this.links.planes.get(plane).title || plane}: ` : "";
      const end = several && step.operation === "sum" ? ` = ${number(totals.at(-1))}` : "";
      lines.push(["sum", `${name}${this.written(terms, step.operation)}${end}`]);
    }
    if (step.operation === "sum" && several) {
      const all = totals.map((total, at) => (at ? signed(total) : number(total)));
      if (biased) all.push(`${signed(bias)} (${words.bias})`);
      lines.push(["sum", `${all.join(" + ")} = ${value}`]);
    }
    return [["", filled(words[step.operation], { cell: this.name(key, cell), value, count })], ...lines];
  }

  written(terms, operation) {
    const each = terms.map((term, at) => {
      if (term.weight) return `${number(term.value)}·${signed(term.by)}`;
      return at && operation !== "max" ? signed(term.value) : number(term.value);
    });
    if (operation === "max") return `max(${each.join(", ")})`;
    return operation === "mean" ? `(${each.join(" + ")}) / ${terms.length}` : each.join(" + ");
  }

  use(key, cell) {
    const { links, words } = this,
      outputs = new Set(),
      inputs = new Set(),
      feeds = [];
    for (const step of links.steps) {
      for (const [output, , weight] of links.meetings(step, key, cell, 1)) {
        outputs.add(output.join());
        feeds.push(this.name(...output) + (weight ? ` (·${signed(this.value(...weight))})` : ""));
      }
      for (const [output, input] of links.meetings(step, key, cell, 2)) {
        outputs.add(output.join());
        inputs.add(input.join());
      }
    }
    const what = inputs.size ? words.weighs : feeds.length ? words.feeds : words.alone;
    const value = number(this.value(key, cell));
    const lines = [["", filled(what, { cell: this.name(key, cell), value, inputs: inputs.size, count: outputs.size })]];
    if (feeds.length) lines.push(["sum", feeds.slice(0, MOST).join(", ") + (feeds.length > MOST ? " …" : "")]);
    return lines;
  }
}
