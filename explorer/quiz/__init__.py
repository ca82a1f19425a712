"""Quiz questions: problems drawn from a seed, answers graded against the computed truth.

Law: truth comes from `explorer.arithmetic` or from a real module; every mistake is a named formula, and differs from
the truth in every problem that is drawn. No texts and no Streamlit; torch is imported only when a truth needs it. A new
question is one `QuestionSpec` in the `SPECS` of a file in `entries/`, and its texts in every language
(`text/<lang>/quiz/<slug>.toml`).
"""

from explorer.quiz.contract import QuestionSpec, grade, problem, question, questions

__all__ = ["QuestionSpec", "grade", "problem", "question", "questions"]
