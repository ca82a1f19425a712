const MARK = /^op:(\d+)$/; // what a point of a figure carries that opens an operation
const PRESSED = ["Enter", " "];

// Listens to the whole page: figures tell their clicks themselves, everything else that opens one carries `data-opens`.
export default function ({ parentElement, setTriggerValue }) {
  const leaving = new AbortController(), { signal } = leaving, figures = new Map(), root = document.documentElement;

  const dock = (side) => {
    const main = document.querySelector("[data-testid=stMain]").getBoundingClientRect();
    root.style.setProperty("--main-left", `${main.left}px`);
    root.dataset.panel = side(main.left + main.width / 2);
  };
  const open = (number, x) => {
    dock((middle) => (x > middle ? "left" : "right")); // never over what was clicked
    setTriggerValue("opened", number);
  };
  const marked = (event) => event.points?.map((point) => [point.customdata].flat()[0]).map((mark) => MARK.exec(mark)).find(Boolean);
  const attach = (figure) => {
    if (!figure?._ev || figures.get(figure)?.events === figure._ev) return; // a figure that was mounted anew has other events
    const handlers = {
      plotly_click: (event) => { const mark = marked(event); if (mark) open(Number(mark[1]), event.event.clientX); },
      plotly_hover: (event) => figure.toggleAttribute("data-over", Boolean(marked(event))),
      plotly_unhover: () => figure.removeAttribute("data-over"),
    };
    for (const [name, handler] of Object.entries(handlers)) figure.on(name, handler);
    figures.set(figure, { events: figure._ev, handlers });
  };
  const bring = (event) => attach(event.target.closest?.(".js-plotly-plot"));
  for (const name of ["pointerover", "pointerdown", "touchstart"]) document.addEventListener(name, bring, { signal, capture: true, passive: true });

  const other = (event) => event.target.closest?.("[data-opens]");
  const opened = (element) => { const box = element.getBoundingClientRect(); open(Number(element.dataset.opens), box.left + box.width / 2); };
  const flip = (event) => { if (event.target.closest?.(".st-key-other-side")) dock(() => (root.dataset.panel === "left" ? "right" : "left")); };
  document.addEventListener("click", flip, { signal });
  document.addEventListener("click", (event) => { const it = other(event); if (it) opened(it); }, { signal });
  document.addEventListener("keydown", (event) => {
    const it = PRESSED.includes(event.key) && other(event);
    if (it) { event.preventDefault(); opened(it); }
  }, { signal });

  return () => {
    leaving.abort();
    for (const [figure, { handlers }] of figures) for (const [name, handler] of Object.entries(handlers)) figure.removeListener?.(name, handler);
  };
}
