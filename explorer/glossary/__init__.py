"""The glossary: every term of the course, where it can be touched, and where it is linked.

Law: a term is one `Term` in the `SPECS` of a file in `entries/`, which is its group, and its words in every language
(`text/<lang>/terms/<group>.toml`): name, other names, what it says, an example. Numbers of an example are computed
here; nothing needs torch. What a term says is plain text, as it also stands where the term is pointed at.
"""

from explorer.glossary.contract import GROUPS, Term, search, term, terms
from explorer.glossary.linking import address, linked

__all__ = ["GROUPS", "Term", "address", "linked", "search", "term", "terms"]
