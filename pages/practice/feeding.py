"""Feeding the GPU: workers that decode in parallel with training; who waits for whom, and how many are enough."""

from explorer.ui.parts.practice import feeding, feeding_live, feeding_rates, feeding_timeline
from explorer.ui.shell import layout, lesson

layout.page_head("feeding", "practice")
if not feeding.asks_first():
    results = feeding.choose_machine()
    feeding_timeline.show(results)
    feeding_rates.show(results)
    feeding_rates.show_switches(results)
    feeding_live.show()
    lesson.show("feeding")
