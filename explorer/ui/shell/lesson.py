"""The end of a page: its lesson and its questions, as `navigation` declares them."""

from __future__ import annotations

from explorer.ui.shell import layout, quiz
from explorer.ui.shell.navigation import spec_of
from explorer.ui.shell.words import t


def show(slug: str) -> None:
    """Show a page's lesson, then its questions."""
    page = spec_of(slug)
    if page.lesson:
        layout.section(t(f"{slug}.lesson"))
        layout.show_lesson(page.lesson)
    if page.quiz:
        layout.section(t("quiz.title"))
        for question in page.quiz:
            quiz.show(question)
