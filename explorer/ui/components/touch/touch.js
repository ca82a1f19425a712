// Streamlit gives a Plotly figure that reports clicks a drag mode, whose first act is to forbid the browser to scroll.
// A figure that never hears of the touch leaves the finger to the browser: it scrolls, and makes a click of a tap.
const keep = (event) => { if (event.target.closest?.(".js-plotly-plot")) event.stopPropagation(); };

export default function () {
  document.addEventListener("touchstart", keep, { capture: true, passive: true });
  return () => document.removeEventListener("touchstart", keep, { capture: true });
}
