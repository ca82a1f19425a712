const SVG = "http://www.w3.org/2000/svg";
const PAUSE = 220; // milliseconds after the last key: holding one down is one choice
const ROW = 52, BOX = 20, NAME = 15; // pixels: from row to row, a cell's height, the line of a row's name

export default function ({ data, parentElement, setTriggerValue }) {
  const frame = parentElement.querySelector(".frame"), says = parentElement.querySelector(".says");
  const { layers, rows, names } = data;
  const top = layers.length, outputs = rows[top][0];
  let pinned = data.cell, shown = -1, waiting = null, width = 0, room = 0;
  const make = (name, attributes, parent) => {
    const node = document.createElementNS(SVG, name);
    for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
    return parent.appendChild(node);
  };
  frame.parentElement.classList.toggle("fill", data.fill);
  frame.setAttribute("aria-label", data.label);
  frame.setAttribute("aria-valuemin", 0);
  frame.setAttribute("aria-valuemax", outputs - 1);

  // What one output reads of every layer: cell -> over how many ways. What falls into the padding is kept apart.
  const reached = (output) => {
    const levels = Array.from({ length: top + 1 }, () => ({ ways: new Map(), ghosts: new Set(), lines: [] }));
    levels[top].ways.set(output, 1);
    for (let l = top; l > 0; l--) {
      const [f, s, p, d] = layers[l - 1], below = levels[l - 1];
      for (const [cell, count] of levels[l].ways)
        for (let k = 0; k < f; k++) {
          const to = cell * s - p + k * d;
          if (to < 0 || to >= rows[l - 1][0]) below.ghosts.add(to);
          else below.ways.set(to, (below.ways.get(to) ?? 0) + count);
          below.lines.push([cell, to]);
        }
    }
    return levels;
  };

  // Pixels of the input across, some of them padding: what any window of any row reaches.
  let low = 0, high = rows[0][0];
  for (const [count, first, jump] of rows) {
    low = Math.min(low, first - jump / 2);
    high = Math.max(high, first + (count - 1) * jump + jump / 2);
  }
  const pads = layers.map(([, , p], l) => p * rows[l][2]);
  low = Math.min(low, ...pads.map((pad) => -pad));
  high = Math.max(high, ...pads.map((pad) => rows[0][0] + pad));
  const height = ROW * top + BOX + NAME + 4;
  let scale = 1, still, lit;
  const x = (l, cell) => (rows[l][1] + cell * rows[l][2] - low) * scale;
  const y = (l) => (top - l) * ROW + NAME;
  const wide = (l) => Math.max(1.2, Math.min(rows[l][2] * scale - (rows[l][2] * scale > 6 ? 2 : 0.4), 30));
  const box = (l, cell, kind) =>
    ({ x: x(l, cell) - wide(l) / 2, y: y(l), width: wide(l), height: BOX, rx: wide(l) > 6 ? 2 : 0, class: kind });

  const draw = () => {
    room = frame.clientWidth;
    // On a whole screen everything is larger: the drawing is made for a narrower one, which is then stretched.
    const zoom = data.fill ? Math.max(1, Math.min(1.9, (innerHeight - 220) / height)) : 1;
    width = Math.max(room, 260) / zoom;
    scale = width / (high - low);
    frame.textContent = "";
    const svg = make("svg", { viewBox: `0 0 ${width} ${height}`, role: "presentation" }, frame);
    still = make("g", {}, svg);
    lit = make("g", {}, svg);
    rows.forEach(([count], l) => {
      for (let cell = 0; cell < count; cell++) make("rect", box(l, cell, "cell"), still);
      const name = make("text", { x: 0, y: y(l) - 4, class: "quiet" }, still);
      name.textContent = names[l];
    });
    shown = -1;
    show(pinned);
  };

  const show = (output) => {
    if (output === shown) return;
    shown = output;
    lit.textContent = "";
    const levels = reached(output);
    levels.forEach(({ ways, ghosts, lines }, l) => {
      const path = lines.map(([from, to]) => `M${x(l + 1, from).toFixed(1)} ${y(l + 1) + BOX}L${x(l, to).toFixed(1)} ${y(l)}`);
      make("path", { d: path.join(""), class: "way", "stroke-width": lines.length > 120 ? 0.5 : 1.1 }, lit);
      for (const cell of ghosts) make("rect", box(l, cell, "ghost"), lit);
      const most = Math.max(1, ...ways.values());
      for (const [cell, count] of ways) {
        const rect = make("rect", box(l, cell, "read"), lit);
        rect.style.fill = `color-mix(in srgb, #e69f00 ${Math.round((100 * count) / most)}%, #fff1cc)`;
        rect.dataset.ways = count;
        if (6.4 * String(count).length < wide(l) && l < top)
          make("text", { x: x(l, cell), y: y(l) + 14, class: "ways" }, lit).textContent = count;
      }
    });
    const { ways } = levels[0], cells = [...ways.keys()];
    const values = {
      cell: output, read: ways.size, size: data.size, first: Math.min(...cells), last: Math.max(...cells),
      ways: Math.max(...ways.values()).toLocaleString("en"),
    };
    const words = cells.length ? data.says.replace(/\{(\w+)\}/g, (_, name) => values[name]) : "";
    says.textContent = words;
    frame.setAttribute("aria-valuenow", output);
    frame.setAttribute("aria-valuetext", words);
  };

  const at = (event) => {
    const box = frame.getBoundingClientRect(), place = ((event.clientX - box.left) * width) / box.width;
    const cell = Math.round((place / scale + low - rows[top][1]) / rows[top][2]);
    return Math.max(0, Math.min(outputs - 1, cell));
  };
  const choose = (output, pause) => {
    pinned = output;
    show(output);
    clearTimeout(waiting);
    waiting = setTimeout(() => setTriggerValue("cell", output), pause);
  };
  frame.onclick = (event) => choose(at(event), 0);
  frame.onpointermove = (event) => show(at(event));
  frame.onpointerleave = () => show(pinned);
  frame.onkeydown = (event) => {
    const to = { ArrowLeft: pinned - 1, ArrowRight: pinned + 1, Home: 0, End: outputs - 1 }[event.key];
    if (to === undefined || data.fill) return; // while it is presented, the arrow keys turn the leaves
    event.preventDefault();
    if (to >= 0 && to < outputs) choose(to, PAUSE);
  };
  draw();
  const seen = new ResizeObserver(() => { if (Math.abs(frame.clientWidth - room) > 1) draw(); });
  seen.observe(frame);
  return () => { seen.disconnect(); clearTimeout(waiting); };
}
