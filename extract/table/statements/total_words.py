"""Words that name a total or a mean in the languages of publishers: alone in a column of names, they are no name.

A row that bears one and is not declared in `summary_labels` becomes a reject, so that no total is loaded as one more
fund or bank. What has further words, such as Total Risk Super, is a name.
"""

import re
import unicodedata

from extract.fields.base import compared

_WORDS = (
    "total", "totals", "grand total", "sub total", "sum", "average", "mean", "median", "weighted average",
    "total general", "total sistema", "total del sistema", "suma", "promedio", "promedio del sistema",
    "promedio ponderado", "media", "mediana", "total général", "somme", "moyenne", "médiane", "gesamt", "insgesamt",
    "summe", "gesamtsumme", "durchschnitt", "mittelwert", "totale", "totale generale", "somma", "totaal", "gemiddelde",
    "totalt", "genomsnitt", "gjennomsnitt", "gennemsnit", "soma", "média", "razem", "celkem", "součet", "průměr",
    "összesen", "átlag", "yhteensä", "keskiarvo", "toplam", "genel toplam", "ortalama", "итого", "всего", "среднее",
    "σύνολο", "סהכ", "合计", "总计", "小计", "平均", "平均值", "共计", "汇总", "合計", "総計", "小計", "평균", "합계",
)  # fmt: skip
_TOTALS = frozenset(map(compared, _WORDS))
_BESIDE = re.compile(r"""[-_:：.。*"'\u05f3\u05f4]+|[(（\[][^()（）\[\]]*[)）\]]$|[0-9]+$""")
"""What may stand beside such a word: signs, a bracket, a count."""


def is_total_word(text: str) -> bool:
    """Whether a text is nothing but a word for a total or a mean."""
    name = compared(text)
    return len(name) < 100 and (name in _TOTALS or _BESIDE.sub("", name) in _TOTALS)


_BEGINNING = re.compile(
    rf"(?:{'|'.join(sorted(map(re.escape, _WORDS), key=len, reverse=True))})"
    r"(?:\s*[-–—:：,，/(（\[]\s*|\s+(?:of|for|across|all|incl|excl|including|excluding|de|del|des|der|di|du|do|da)\b)"
    r"\s*\S",
    re.IGNORECASE,
)
"""Such a word, and a sign or a word behind it that leads to what is summed up."""


def begins_like_total(text: str) -> bool:
    """Whether a text begins with such a word and says of what: Total of plans, Average - open funds."""
    return len(text) < 200 and _BEGINNING.match(unicodedata.normalize("NFKC", text).strip()) is not None
