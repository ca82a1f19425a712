"""Questions to answer before the answer is shown: drawn from a seed, graded by computing the truth.

Law: truth comes from `explorer.arithmetic` or from a real module; every mistake is a formula with a name, and differs
from the truth in every problem that is drawn. No words and no Streamlit; torch is imported when a truth needs it, not
before. A new question is one `QuestionSpec` in the `SPECS` of a file in `entries/`, and its words in every language
(`text/<lang>/quiz/<slug>.toml`).
"""

from explorer.quiz.contract import QuestionSpec, grade, problem, question, questions

__all__ = ["QuestionSpec", "grade", "problem", "question", "questions"]
