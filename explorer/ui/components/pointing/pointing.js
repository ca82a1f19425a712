const KEYS = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };
const PAUSE = 220; // milliseconds after the last key: holding one down is one choice

export default function ({ data, parentElement, setTriggerValue }) {
  const frame = parentElement.querySelector(".frame"), picture = parentElement.querySelector("img");
  const here = parentElement.querySelector(".here"), says = parentElement.querySelector(".says");
  const { rows, columns, gap, names } = data;
  let [row, column] = data.selected ?? [0, 0], waiting = null;

  const source = `data:image/png;base64,${data.image}`;
  const screen = () => `min(100%, calc((100vh - 10.5rem) * ${picture.naturalWidth / picture.naturalHeight}))`;
  const fit = () => { frame.style.width = data.fill ? screen() : data.width ? `${data.width}px` : "100%"; };
  picture.onload = fit;
  if (picture.src !== source) picture.src = source;
  fit();
  frame.parentElement.classList.toggle("fill", data.fill);
  frame.setAttribute("aria-label", data.label);

  // All places are as wide as each other, but the last has no gap behind it.
  const whole = (count) => count - gap;
  const name = (r, c) => names[r * columns + c] ?? "";
  const show = () => {
    here.style.left = `${(100 * column) / whole(columns)}%`;
    here.style.top = `${(100 * row) / whole(rows)}%`;
    here.style.width = `${(100 * (1 - gap)) / whole(columns)}%`;
    here.style.height = `${(100 * (1 - gap)) / whole(rows)}%`;
    says.textContent = here.hidden ? "" : name(row, column);
  };
  const exists = (r, c) => r >= 0 && c >= 0 && r < rows && c < columns && (!names.length || r * columns + c < names.length);
  const at = (event) => {
    const box = frame.getBoundingClientRect();
    const r = Math.floor(((event.clientY - box.top) / box.height) * whole(rows));
    const c = Math.floor(((event.clientX - box.left) / box.width) * whole(columns));
    return exists(r, c) ? [r, c] : null;
  };
  const choose = (to, pause) => {
    [row, column] = to;
    here.hidden = false;
    show();
    clearTimeout(waiting);
    waiting = setTimeout(() => setTriggerValue("cell", to), pause);
  };

  frame.onclick = (event) => { const to = at(event); if (to) choose(to, 0); };
  frame.onpointermove = (event) => { const over = at(event); if (over) says.textContent = name(...over); else show(); };
  frame.onpointerleave = show;
  frame.onkeydown = (event) => {
    const step = KEYS[event.key];
    if (!step || data.fill) return; // while it is presented, they turn the leaves
    event.preventDefault();
    const to = [row + step[0], column + step[1]];
    if (exists(...to)) choose(to, PAUSE);
  };
  here.hidden = !data.selected;
  show();
}
