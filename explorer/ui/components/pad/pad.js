const SIDE = 280, BOX = 20, OUT = 28, STROKE = 22;

// The drawing as MNIST prepares its digits: scaled into a box of 20 x 20, its centre of mass in the middle of 28 x 28.
function digit(canvas) {
  const rgba = canvas.getContext("2d").getImageData(0, 0, SIDE, SIDE).data;
  const ink = (x, y) => rgba[4 * (y * SIDE + x)];
  let left = SIDE, right = -1, top = SIDE, bottom = -1;
  for (let y = 0; y < SIDE; y++) {
    for (let x = 0; x < SIDE; x++) {
      if (ink(x, y) > 0) {
        left = Math.min(left, x); right = Math.max(right, x);
        top = Math.min(top, y); bottom = Math.max(bottom, y);
      }
    }
  }
  if (right < 0) return [];
  const scale = Math.max(right - left + 1, bottom - top + 1) / BOX;
  // The ink of each drawn pixel goes to the small pixel it falls into: an average over areas, as a camera takes it.
  const small = (dx, dy) => {
    const sums = new Float64Array(OUT * OUT);
    for (let y = top; y <= bottom; y++) {
      for (let x = left; x <= right; x++) {
        const column = Math.floor((x - left) / scale + dx), row = Math.floor((y - top) / scale + dy);
        if (column >= 0 && column < OUT && row >= 0 && row < OUT) sums[row * OUT + column] += ink(x, y);
      }
    }
    return sums;
  };
  let mass = 0, sumX = 0, sumY = 0;
  for (let y = top; y <= bottom; y++) {
    for (let x = left; x <= right; x++) {
      mass += ink(x, y); sumX += ink(x, y) * (x - left + 0.5); sumY += ink(x, y) * (y - top + 0.5);
    }
  }
  const sums = small(OUT / 2 - sumX / mass / scale, OUT / 2 - sumY / mass / scale);
  return Array.from(sums, (sum) => Math.min(255, Math.round(sum / (scale * scale))));
}

export default function ({ data, parentElement, setStateValue }) {
  const canvas = parentElement.querySelector("canvas"), clear = parentElement.querySelector("button");
  const pen = canvas.getContext("2d", { willReadFrequently: true });
  canvas.setAttribute("aria-label", data.label);
  clear.textContent = data.clear;

  const at = (event) => {
    const box = canvas.getBoundingClientRect();
    return [((event.clientX - box.left) * SIDE) / box.width, ((event.clientY - box.top) * SIDE) / box.height];
  };
  let last = null;
  const line = (to) => {
    pen.strokeStyle = "#fff"; pen.lineWidth = STROKE; pen.lineCap = "round"; pen.lineJoin = "round";
    pen.beginPath(); pen.moveTo(...last); pen.lineTo(...to); pen.stroke();
    last = to;
  };
  const send = () => setStateValue("pixels", digit(canvas));

  canvas.onpointerdown = (event) => {
    if (event.button !== 0) return;
    event.preventDefault();
    canvas.setPointerCapture(event.pointerId);
    last = at(event);
    line(last);
  };
  canvas.onpointermove = (event) => {
    if (last === null) return;
    for (const one of event.getCoalescedEvents?.() ?? [event]) line(at(one));
  };
  canvas.onpointerup = canvas.onpointercancel = () => {
    if (last === null) return;
    last = null;
    send();
  };
  clear.onclick = () => {
    pen.clearRect(0, 0, SIDE, SIDE);
    send();
  };
}
