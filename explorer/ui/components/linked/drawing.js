// How a plane looks: its cells once, and over them what is lit.

const FONT = "Plex Mono, Noto Sans Mono CJK SC, monospace";
const DIGITS = new Intl.NumberFormat("en", {
  maximumFractionDigits: 3,
  maximumSignificantDigits: 4,
  useGrouping: false,
});

function number(value) {
  return DIGITS.format(value === 0 ? 0 : value).replace("-", "−");
}

function rgb(hex) {
  return [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16));
}

function between(stops, share) {
  const at = Math.min(Math.max(share, 0), 1) * (stops.length - 1),
    low = Math.min(Math.floor(at), stops.length - 2);
  const [a, b] = [rgb(stops[low]), rgb(stops[low + 1])];
  return a.map((value, i) => Math.round(value + (b[i] - value) * (at - low)));
}

// The colour of each value of a plane, as [r, g, b]; null for the page's own.
function painter(plane, colours) {
  let { low, high } = plane;
  if (low === high) {
    low = Math.min(...plane.values);
    high = Math.max(...plane.values);
  }
  if (plane.look === "plain") return () => null;
  if (plane.look === "grey") return (value) => Array(3).fill(Math.round((255 * (value - low)) / (high - low || 1)));
  const most = Math.max(Math.abs(low), Math.abs(high)) || 1;
  return (value) => between(colours.signed, 0.5 + (0.5 * value) / most);
}

class Drawing {
  constructor(canvas, plane, links, colours, style) {
    Object.assign(this, { canvas, plane, links, colours, style, base: document.createElement("canvas") });
    this.paint = painter(plane, colours);
  }

  place(cell) {
    const { columns } = this.plane,
      side = this.side;
    return [(cell % columns) * side, Math.floor(cell / columns) * side];
  }

  // Cells of `side` CSS pixels, with the values after so many turns.
  lay(side, turns) {
    const { canvas, base, plane } = this,
      scale = window.devicePixelRatio || 1;
    this.side = side;
    for (const each of [canvas, base]) {
      each.width = Math.round((plane.columns * side + 1) * scale);
      each.height = Math.round((plane.rows * side + 1) * scale);
      each.getContext("2d").setTransform(scale, 0, 0, scale, 0, 0);
    }
    canvas.style.width = `${plane.columns * side + 1}px`;
    canvas.style.height = `${plane.rows * side + 1}px`;
    const pen = base.getContext("2d");
    pen.textAlign = "center";
    pen.textBaseline = "middle";
    for (let cell = 0; cell < plane.rows * plane.columns; cell++) this.cell(pen, cell, turns);
  }

  cell(pen, cell, turns) {
    const { plane, style, side, links } = this,
      [x, y] = this.place(cell);
    const value = links.after(turns, plane.key, cell),
      nothing = links.isPadding(plane, cell) || plane.cells[cell] === -1;
    const fill = value === null || nothing ? null : this.paint(value);
    pen.fillStyle = fill ? `rgb(${fill})` : style.paper;
    pen.fillRect(x, y, side + 1, side + 1);
    pen.strokeStyle = style.line;
    pen.lineWidth = 1;
    pen.setLineDash(nothing ? [2, 2] : []);
    pen.strokeRect(x + 0.5, y + 0.5, side, side);
    const text = value === null ? "" : number(value),
      size = Math.min(0.47 * side, 20, (1.5 * side) / (text.length || 1));
    if (size < 8) return;
    const dark = fill && 0.3 * fill[0] + 0.59 * fill[1] + 0.11 * fill[2] < 140;
    pen.fillStyle = fill ? (dark ? this.colours.light : this.colours.dark) : nothing ? style.muted : style.ink;
    pen.font = `${size}px ${FONT}`;
    pen.fillText(text, x + side / 2 + 0.5, y + side / 2 + 1);
  }

  // What is lit stays bright, all else of a figure in which something is lit steps back.
  light(marks, any) {
    const { canvas, base, style, side, plane } = this,
      pen = canvas.getContext("2d");
    pen.setTransform(1, 0, 0, 1, 0, 0);
    pen.drawImage(base, 0, 0);
    const scale = window.devicePixelRatio || 1;
    pen.setTransform(scale, 0, 0, scale, 0, 0);
    if (any) {
      pen.globalAlpha = 0.5;
      pen.fillStyle = style.paper;
      for (let cell = 0; cell < plane.rows * plane.columns; cell++) {
        if (!marks.has(cell)) pen.fillRect(...this.place(cell), side, side);
      }
      pen.globalAlpha = 1;
    }
    const widths = { far: 1, linked: 2, self: 3 };
    for (const role of ["far", "linked", "self"]) {
      for (const [cell, given] of marks) {
        if (given !== role) continue;
        const [x, y] = this.place(cell),
          inset = widths[role] / 2 + 0.5;
        pen.setLineDash(role === "far" ? [3, 2] : []);
        pen.strokeStyle = role === "self" ? this.colours.self : style.ink;
        pen.lineWidth = widths[role];
        pen.strokeRect(x + inset, y + inset, side + 1 - 2 * inset, side + 1 - 2 * inset);
      }
    }
  }
}
