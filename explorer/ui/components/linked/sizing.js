// How large cells can be.

const SMALLEST = 8,
  LARGEST = 44,
  READABLE = 28; // pixels a cell
const TALLEST = 600; // pixels of grids below each other, where they do not fill a screen

// The side of a cell with which a row of groups fits into `width` x `room`; kernels may have larger cells than maps.
// Where that is too small the groups stand below each other, and the planes of each beside each other.
function sized(chain, planes, width, room) {
  const groups = [...chain.querySelectorAll(".group")].map((box) => {
    const all = [...box.querySelectorAll("canvas")].map((canvas) => planes.get(canvas.dataset.plane));
    const columns = Math.max(...all.map((plane) => plane.columns)),
      lines = Math.max(...all.map((plane) => plane.rows));
    const rows = Number(box.dataset.rows),
      across = Math.ceil(all.length / rows);
    return {
      box,
      count: all.length,
      columns,
      lines,
      rows,
      across,
      cells: across * columns,
      kernels: box.classList.contains("weights"),
    };
  });
  const sum = (of, list = groups) => list.reduce((total, group) => total + of(group), 0);
  const small = groups.filter((group) => group.kernels && group.cells <= 14),
    maps = groups.filter((group) => !small.includes(group));
  const sign = width < 640 ? 30 : 48,
    free = width - sign * (groups.length - 1) - 8 * sum((group) => group.across);
  const tall = (list) =>
    Math.floor(Math.min(...list.map((group) => (room - 30 * group.rows) / (group.rows * group.lines))));
  let side = Math.floor(free / sum((group) => group.cells)),
    weights = side;
  if (side < READABLE && small.length) {
    side = Math.min(
      READABLE,
      Math.floor((free - READABLE * sum((group) => group.cells, small)) / sum((group) => group.cells, maps)),
    );
    weights = READABLE;
  }
  const down = side < 18 && width < 640;
  chain.classList.toggle("down", down);
  if (down) {
    for (const group of maps) {
      group.across = Math.max(1, Math.min(group.count, Math.floor(width / (20 * group.columns))));
      group.rows = Math.ceil(group.count / group.across);
    }
    side = Math.floor(Math.min(...maps.map((group) => (width - 8 * group.across) / (group.across * group.columns))));
    weights = small.length
      ? Math.floor(Math.min(...small.map((group) => (width - 8 * group.across) / group.cells)))
      : side;
  } else {
    side = Math.min(side, tall(maps));
    weights = Math.min(weights, small.length ? tall(small) : weights);
  }
  for (const { box, rows, across, kernels } of groups) {
    const order = down && !kernels; // one behind the other; kernels stand as (input, filter)
    Object.assign(box.style, {
      gridAutoFlow: order ? "row" : "column",
      gridTemplateRows: order ? "" : `repeat(${rows}, auto)`,
      gridTemplateColumns: order ? `repeat(${across}, max-content)` : "",
    });
  }
  return {
    side: Math.min(LARGEST, Math.max(side, SMALLEST)),
    weights: Math.min(down ? READABLE : LARGEST, Math.max(weights, SMALLEST)),
  };
}
