"""Glossary: every term of the course in both languages, with its formula and the place where it can be touched."""

from explorer.ui.parts.architectures import glossary, glossary_entry
from explorer.ui.shell import layout

layout.page_head("glossary", "architectures")
opened = glossary.chosen()
if opened:
    glossary_entry.show(opened)
found = glossary.search()
glossary.groups(found)
if not opened and len(found) > 1:
    glossary.anatomy()
glossary.listing(found)
glossary.bring_into_view()
