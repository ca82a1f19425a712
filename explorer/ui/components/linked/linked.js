const ARROWS = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };
const SPEEDS = [1, 2, 4, 16];
const SECOND = 900; // milliseconds for one step at the speed of 1
const HOLD = 300; // milliseconds after the last arrow key: holding one down is one choice
const instances = new WeakMap();

function made(kind, parent, properties = {}) {
  const element = Object.assign(document.createElement(kind), properties);
  parent.append(element);
  return element;
}

// Numbers as people paste them: rows on lines or in brackets or behind semicolons; spaces, tabs or commas between.
function pasted(text) {
  const lines = text.replace(/\]\s*,?\s*\[/g, "\n").split(/[\n;]+/);
  const rows = lines.map(
    (line) =>
      line
        .replace(/−/g, "-")
        .match(/-?(\d+\.?\d*|\.\d+)(e-?\d+)?/gi)
        ?.map(Number) ?? [],
  );
  const full = rows.filter((row) => row.length);
  return full.length && full.every((row) => row.length === full[0].length) ? full : null;
}

class Linked {
  constructor(root) {
    this.root = root;
    this.speed = SPEEDS[1];
    this.turns = Infinity;
    new ResizeObserver(() => this.resized()).observe(root);
  }

  show(data, send) {
    const shape = JSON.stringify([data.planes.map((plane) => [plane.key, plane.rows, plane.columns]), data.walk]);
    if (shape !== this.shape) Object.assign(this, { turns: Infinity, over: null, pinned: null });
    const links = new Links(data);
    Object.assign(this, { data, send, shape, links, telling: new Telling(links, data.words) });
    this.pinned = data.at ?? this.pinned ?? links.walk[0];
    this.turns = Math.min(this.turns, this.links.walk.length);
    if (!this.editing) this.build();
  }

  // --- what stands on the page -----------------------------------------------------------------------------------

  build() {
    const held = this.root.getRootNode().activeElement?.dataset?.plane;
    const style = getComputedStyle(this.root),
      of = (name, other) => style.getPropertyValue(name).trim() || other;
    this.style = {
      ink: of("--st-text-color", "black"),
      paper: of("--st-background-color", "white"),
      line: of("--st-border-color", "gray"),
    };
    this.style.muted = this.style.ink;
    this.root.replaceChildren();
    this.root.className = `linked${this.data.fill ? " fill" : ""}`;
    this.bar();
    this.drawings = new Map();
    this.chains = [];
    const body = made("div", this.root, { className: "body" }),
      grids = (this.grids = made("div", body));
    for (const [index, step] of this.data.steps.entries()) this.step(grids, step, this.data.steps[index - 1]);
    this.says = made("div", body, { className: "says" });
    this.heard = made("div", this.root, { className: "heard", ariaLive: "polite" });
    made("p", this.root, { className: "help", textContent: this.data.words.help });
    this.resized(true);
    if (held) this.drawings.get(held)?.canvas.focus();
  }

  // A step behind the one whose outputs it reads, or below it.
  step(grids, step, before) {
    const { words } = this.data,
      follows = before && step.inputs.every((key) => before.outputs.includes(key));
    if (!follows) this.chains.push(made("div", grids, { className: "chain" }));
    const leg = made("div", this.chains.at(-1), { className: "leg" });
    if (step.title) made("h4", leg, { textContent: step.title });
    const parts = made("div", leg),
      sign = (text) => made("span", parts, { className: "sign", textContent: text });
    if (!follows) this.group(parts, step.inputs, "");
    sign(step.weights.length ? words.times : "→");
    if (step.weights.length)
      this.group(parts, step.weights, "weights", step.weights.length % step.inputs.length ? 1 : step.inputs.length);
    if (step.weights.length) sign("=");
    this.group(parts, step.outputs, "");
  }

  bar() {
    const { words } = this.data,
      bar = made("div", this.root, { className: "bar" }),
      count = this.links.walk.length;
    this.play = made("button", bar, { type: "button", onclick: () => (this.timer ? this.stop() : this.start()) });
    this.scrub = made("input", bar, { type: "range", min: 0, max: count, ariaLabel: words.scrub });
    this.scrub.oninput = () => {
      const turns = Number(this.scrub.value);
      this.stop();
      this.go(turns);
      this.hear();
    };
    this.told = made("output", bar);
    const speed = made("select", bar, { ariaLabel: words.speed });
    for (const each of SPEEDS)
      made("option", speed, { value: each, textContent: `${each}×`, selected: each === this.speed });
    speed.onchange = () => {
      this.speed = Number(speed.value);
      if (this.timer) this.start();
    };
    this.count();
  }

  group(parts, keys, kind, rows = keys.length) {
    const fresh = keys.filter((key) => !this.drawings.has(key));
    if (!fresh.length) return;
    const box = made("div", parts, { className: `group ${kind}` });
    Object.assign(box.dataset, { rows, count: fresh.length });
    for (const key of fresh) this.plane(box, this.links.planes.get(key));
  }

  plane(box, plane) {
    const figure = made("figure", box),
      holder = document.createElement("div");
    if (plane.title) made("figcaption", figure, { textContent: plane.title });
    figure.append(holder);
    holder.className = "plane";
    const canvas = made("canvas", holder, {
      tabIndex: this.drawings.size && plane.key !== this.data.walk.at(-1) ? -1 : 0,
    });
    canvas.setAttribute("role", "application");
    canvas.setAttribute("aria-label", `${this.data.label} · ${plane.title || plane.key}`);
    canvas.dataset.plane = plane.key;
    const drawing = new Drawing(canvas, plane, this.links, this.data.colours, this.style);
    this.drawings.set(plane.key, drawing);
    const at = ({ clientX, clientY }) => {
      const { left, top } = canvas.getBoundingClientRect();
      const column = Math.floor((clientX - left) / drawing.side),
        row = Math.floor((clientY - top) / drawing.side);
      return row >= 0 && column >= 0 && row < plane.rows && column < plane.columns
        ? row * plane.columns + column
        : null;
    };
    canvas.onpointermove = (event) => {
      const cell = event.pointerType === "mouse" ? at(event) : null;
      if (cell !== null) this.hover([plane.key, cell]);
    };
    canvas.onpointerleave = () => this.hover(null);
    canvas.onclick = (event) => {
      const cell = at(event);
      if (cell !== null) this.pin([plane.key, cell], 0);
    };
    canvas.ondblclick = (event) => {
      const cell = at(event);
      if (cell !== null) this.edit(plane, cell);
    };
    canvas.onkeydown = (event) => this.key(event, plane);
    canvas.oncopy = (event) => {
      event.clipboardData.setData(
        "text/plain",
        this.rows(plane)
          .map((row) => row.join("\t"))
          .join("\n"),
      );
      event.preventDefault();
    };
    canvas.onpaste = (event) => {
      const rows = plane.editable && pasted(event.clipboardData.getData("text/plain"));
      if (rows) {
        event.preventDefault();
        this.send("edit", { plane: plane.key, rows });
      }
    };
  }

  // Cells as large as fit: what is said stands beside the grids where there is room, and the grids beside each other.
  resized(anyway = false) {
    const width = this.root.clientWidth;
    if (!this.data || !width || (!anyway && width === this.width)) return;
    this.width = width;
    const room = this.data.fill ? window.innerHeight - 340 : TALLEST;
    const measured = (across) => this.chains.map((chain) => sized(chain, this.links.planes, across, room));
    const smallest = (sizes) => Math.min(...sizes.map((size) => size.side));
    let sizes = measured(width);
    if (width >= 860) {
      const under = smallest(sizes);
      const beside = measured(width - 340);
      const crowded = smallest(beside) < LEGIBLE && under >= WORTH * smallest(beside);
      const down = this.chains.some((chain) => chain.classList.contains("down"));
      this.root.classList.toggle("wide", !crowded && !down);
      sizes = crowded || down ? measured(width) : beside; // else what is said stands below large grids
    } else this.root.classList.remove("wide");
    this.side = smallest(sizes);
    this.weighted = Math.max(this.side, Math.min(...sizes.map((size) => size.weights)));
    this.grids.classList.remove("row");
    const left = this.data.fill ? room - 50 : room; // of a screen, what is said below them takes two lines more
    const across = this.links.aliases.size ? inARow(this.chains, this.links.planes, width, left) : 0;
    this.row(across, Math.min(LEGIBLE, this.side));
    this.lay();
  }

  // Steps that show the same cells stand beside each other where they fit, and what is said below them.
  row(most, least) {
    const stacked = [this.side, this.weighted, this.root.classList.contains("wide")];
    this.root.classList.remove("wide");
    this.grids.classList.add("row");
    for (let side = most; side >= least; side--) {
      this.side = this.weighted = side;
      this.lay();
      if (this.grids.scrollWidth <= this.grids.clientWidth) return; // titles of narrow grids take more than their cells
    }
    [this.side, this.weighted] = stacked;
    this.grids.classList.remove("row");
    this.root.classList.toggle("wide", stacked[2]);
  }

  lay() {
    for (const drawing of this.drawings.values()) {
      drawing.lay(drawing.canvas.closest(".weights") ? this.weighted : this.side, this.turns);
    }
    this.light();
  }

  // --- what is lit, and what is said of it -----------------------------------------------------------------------

  get shown() {
    if (this.over) return this.over;
    return this.turns > 0 && this.turns < this.links.walk.length ? this.links.walk[this.turns - 1] : this.pinned;
  }

  hover(place) {
    this.over = place;
    this.frame ??= requestAnimationFrame(() => {
      this.frame = null;
      this.light();
    });
  }

  light() {
    const shown = this.shown,
      marks = shown ? this.links.lit(...shown) : null;
    for (const [key, drawing] of this.drawings) drawing.light(marks?.get(key) ?? new Map(), Boolean(marks));
    if (!shown) return;
    this.says.replaceChildren();
    for (const [kind, text] of this.telling.lines(...shown))
      made("p", this.says, { className: kind, textContent: text });
    const tallest = Math.max(parseFloat(this.says.style.minHeight) || 0, this.says.offsetHeight);
    this.says.style.minHeight = `${tallest}px`; // nothing below may jump
  }

  // For a screen reader: the first line alone, and not while something moves by itself.
  hear() {
    this.heard.textContent = this.says.firstChild?.textContent ?? "";
  }

  // --- playing -----------------------------------------------------------------------------------------------------

  start() {
    clearInterval(this.timer);
    if (this.turns >= this.links.walk.length) this.go(0);
    this.timer = setInterval(
      () => (this.root.isConnected && this.turns < this.links.walk.length ? this.go(this.turns + 1) : this.stop()),
      SECOND / this.speed,
    );
    this.count();
  }

  stop() {
    clearInterval(this.timer);
    this.timer = null;
    this.count();
  }

  go(turns) {
    this.turns = Math.min(Math.max(turns, 0), this.links.walk.length);
    this.over = null;
    this.count();
    this.lay();
  }

  count() {
    const { words } = this.data;
    this.play.textContent = this.timer ? words.pause : words.play;
    this.scrub.value = this.turns;
    this.told.textContent = filled(words.step, { step: this.turns, of: this.links.walk.length });
  }

  // --- choosing and typing -----------------------------------------------------------------------------------------

  pin(place, pause) {
    this.pinned = place;
    this.over = null;
    this.stop();
    if (this.turns < this.links.walk.length) this.go(this.links.walk.length);
    this.light();
    const { columns } = this.links.planes.get(place[0]);
    this.hear();
    clearTimeout(this.waiting);
    this.waiting = setTimeout(
      () => this.send("pick", [place[0], Math.floor(place[1] / columns), place[1] % columns]),
      pause,
    );
  }

  key(event, plane) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (this.data.fill) return; // while it is presented, arrows turn the leaves
    const step = ARROWS[event.key],
      mine = this.pinned?.[0] === plane.key,
      { rows, columns } = plane;
    const cell = mine ? this.pinned[1] : this.links.cellsOf(plane)[0];
    if (step) {
      const row = Math.floor(cell / columns) + (mine ? step[0] : 0),
        column = (cell % columns) + (mine ? step[1] : 0);
      if (row >= 0 && column >= 0 && row < rows && column < columns)
        this.pin([plane.key, row * columns + column], HOLD);
    } else if (event.key === "PageUp" || event.key === "PageDown") {
      const keys = [...this.drawings.keys()],
        to = keys[(keys.indexOf(plane.key) + (event.key === "PageUp" ? -1 : 1) + keys.length) % keys.length];
      this.drawings.get(to).canvas.focus();
      this.pin([to, this.links.cellsOf(this.links.planes.get(to))[0]], HOLD);
    } else if (event.key === " ") {
      if (this.timer) this.stop();
      else this.start();
    } else if (plane.editable && /^[-\d.]$|^Enter$/.test(event.key)) {
      this.edit(plane, cell, event.key === "Enter" ? "" : event.key);
    } else return;
    event.preventDefault();
  }

  // The values of a plane without its padding, row by row.
  rows({ rows, columns, values, rim: [top, bottom, left, right] }) {
    return Array.from({ length: rows - top - bottom }, (_, row) =>
      values.slice((row + top) * columns + left, (row + top + 1) * columns - right),
    );
  }

  edit(plane, cell, typed = "") {
    if (!plane.editable || this.links.isPadding(plane, cell)) return;
    clearTimeout(this.waiting);
    const drawing = this.drawings.get(plane.key),
      [x, y] = drawing.place(cell),
      side = drawing.side + 1,
      wide = Math.max(side, 44);
    const style = `left: ${x - (wide - side) / 2}px; top: ${y}px; width: ${wide}px; height: ${Math.max(side, 24)}px`;
    const input = made("input", drawing.canvas.parentElement, {
      value: typed || `${plane.values[cell]}`,
      inputMode: "decimal",
      style,
      ariaLabel: this.telling.name(plane.key, cell),
    });
    this.editing = true;
    input.focus();
    if (!typed) input.select();
    const close = (keep) => {
      if (!this.editing) return;
      this.editing = false;
      const value = Number(input.value.replace(/−/g, "-").replace(",", "."));
      if (keep && input.value.trim() && Number.isFinite(value) && value !== plane.values[cell]) {
        plane.values[cell] = value;
        this.send("edit", { plane: plane.key, rows: this.rows(plane) });
      }
      this.build();
      drawing.canvas.isConnected || this.drawings.get(plane.key).canvas.focus();
    };
    input.onblur = () => close(true);
    input.onkeydown = (event) => {
      event.stopPropagation();
      if (event.key === "Enter" || event.key === "Escape") close(event.key === "Enter");
    };
  }
}

export default function ({ data, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".linked");
  if (!instances.has(root)) instances.set(root, new Linked(root));
  instances.get(root).show(data, setTriggerValue);
}
