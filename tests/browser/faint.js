// Every piece of text on the page that does not stand out from what lies behind it at 4.5 : 1 (WCAG's level AA).
() => {
  const rgba = text => {
    const [r, g, b, a = 1] = text.match(/[\d.]+/g).map(Number);
    return text.startsWith("color(srgb") ? [r * 255, g * 255, b * 255, a] : [r, g, b, a];
  };
  const over = (top, below) => [0, 1, 2].map(i => top[3] * top[i] + (1 - top[3]) * below[i]);
  const luminance = colour => {
    const [r, g, b] = colour.map(v => (v / 255 <= 0.04045 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const above = function* (e) { for (; e; e = e.parentElement) yield getComputedStyle(e); };
  const behind = e => [...above(e)].map(s => rgba(s.backgroundColor)).reduceRight((below, c) => over(c, below), [255, 255, 255]);
  // Drawn by others (figures, tables on a canvas), switched off, or not meant for eyes. A slider's number hangs above
  // its thumb, and is on the thumb's colour only by descent.
  const aside = "svg, canvas, style, script, :disabled, [aria-disabled=true], [data-testid=stIconMaterial], "
    + ".katex-mathml, [role=grid], [data-testid=stSliderThumbValue]";
  const faint = [];
  for (const e of document.querySelectorAll("[data-testid=stApp] *")) {
    const written = [...e.childNodes].some(node => node.nodeType === Node.TEXT_NODE && node.data.trim());
    if (!written || e.closest(aside) || !e.checkVisibility({visibilityProperty: true, opacityProperty: true})) continue;
    const ink = rgba(getComputedStyle(e).color), paper = behind(e);
    for (const style of above(e)) ink[3] *= parseFloat(style.opacity);
    const [low, high] = [luminance(over(ink, paper)), luminance(paper)].sort((a, b) => a - b);
    const ratio = (high + 0.05) / (low + 0.05);
    if (ratio < 4.5) faint.push(`${ratio.toFixed(2)} ${e.tagName} ${e.textContent.slice(0, 60)}`);
  }
  return faint;
}
