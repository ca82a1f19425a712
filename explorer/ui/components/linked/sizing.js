// How large cells can be, and how the planes of a group stand: below each other, or in columns where that leaves more.

const SMALLEST = 8;
const LARGEST = 44;
const READABLE = 28; // pixels a cell of a kernel; maps may have smaller ones
const TALLEST = 600; // pixels of grids below each other, where they do not fill a screen
const WORTH = 1.3; // how much larger cells must become for planes to stand in one more column
const NARROW = 640;

function groupsOf(chain, planes) {
  return [...chain.querySelectorAll(".group")].map((box) => {
    const all = [...box.querySelectorAll("canvas")].map((canvas) => planes.get(canvas.dataset.plane));
    const columns = Math.max(...all.map((plane) => plane.columns));
    const lines = Math.max(...all.map((plane) => plane.rows));
    const rows = Number(box.dataset.rows);
    const across = Math.ceil(all.length / rows);
    const kernel = box.classList.contains("weights");
    return { box, count: all.length, columns, lines, rows, across, kernel, small: kernel && across * columns <= 14 };
  });
}

const sum = (groups, of) => groups.reduce((total, group) => total + of(group), 0);
const least = (groups, of) => Math.floor(Math.min(...groups.map(of), LARGEST));

// The planes of every map in so many columns.
function split(groups, columns) {
  return groups.map((group) => {
    if (group.kernel) return group;
    const rows = Math.ceil(group.count / columns);
    return { ...group, rows, across: Math.ceil(group.count / rows), turned: columns > 1 };
  });
}

// The side of a cell with which groups fit beside each other into `width` x `room`.
function beside(groups, width, room) {
  const small = groups.filter((group) => group.small);
  const maps = groups.filter((group) => !group.small);
  const cells = (group) => group.across * group.columns;
  const tall = (group) => (room - 30 * group.rows) / (group.rows * group.lines);
  const free = width - (width < NARROW ? 30 : 48) * (groups.length - 1) - 8 * sum(groups, (group) => group.across);
  let side = free / sum(groups, cells);
  let weights = side;
  if (side < READABLE && small.length) {
    side = Math.min(READABLE, (free - READABLE * sum(small, cells)) / sum(maps, cells));
    weights = READABLE;
  }
  side = Math.min(side, least(maps, tall));
  return { side: Math.floor(side), weights: Math.floor(Math.min(Math.max(side, weights), least(small, tall))) };
}

// Below each other: as many planes beside each other as leave 20 pixels to a cell.
function below(groups, width) {
  const turned = groups.map((group) => {
    if (group.kernel) return group;
    const fit = Math.max(1, Math.min(group.count, Math.floor(width / (20 * group.columns))));
    return { ...group, across: fit, rows: Math.ceil(group.count / fit), turned: true };
  });
  const alone = (group) => (width - 8 * group.across) / (group.across * group.columns);
  const maps = turned.filter((group) => !group.small);
  const weights = least(
    turned.filter((group) => group.small),
    alone,
  );
  return { groups: turned, side: least(maps, alone), weights: Math.min(READABLE, weights) };
}

// The sides of the cells of maps and of kernels in one row of groups, which is arranged for them.
function sized(chain, planes, width, room) {
  const groups = groupsOf(chain, planes);
  let best = { groups, ...beside(groups, width, room) };
  for (const columns of [2, 3]) {
    const turned = split(groups, columns);
    const sizes = beside(turned, width, room);
    if (sizes.side >= WORTH * best.side) best = { groups: turned, ...sizes };
  }
  const down = best.side < 18 && width < NARROW;
  if (down) best = below(groups, width);
  chain.classList.toggle("down", down);
  for (const { box, rows, across, turned } of best.groups) {
    box.style.gridAutoFlow = turned ? "row" : "column"; // one behind the other; kernels stand as (input, filter)
    box.style.gridTemplateRows = turned ? "" : `repeat(${rows}, auto)`;
    box.style.gridTemplateColumns = turned ? `repeat(${across}, max-content)` : "";
  }
  return { side: Math.max(best.side, SMALLEST), weights: Math.max(best.weights, SMALLEST) };
}
