"""Words for months, from which a proposal takes those that a workbook uses; a domain declares its own."""


def _numbered(words: str) -> dict[str, int]:
    return {word: number for number, month in enumerate(words.split(","), start=1) for word in month.split()}


LANGUAGES = {
    "English": _numbered(
        "january jan,february feb,march mar,april apr,may,june jun,july jul,august aug,september sept sep,october oct,"
        "november nov,december dec"
    ),
    "Spanish": _numbered(
        "enero ene en,febrero feb fe,marzo mar ma,abril abr ab,mayo may my,junio jun jn,julio jul jl,agosto ago ag,"
        "septiembre setiembre sep set se,octubre oct oc,noviembre nov no,diciembre dic di"
    ),
    "French": _numbered(
        "janvier janv,février févr,mars,avril avr,mai,juin,juillet juil,août,septembre sept,octobre oct,novembre nov,"
        "décembre déc"
    ),
    "German": _numbered(
        "januar jan,februar feb,märz mär,april apr,mai,juni jun,juli jul,august aug,september sep,oktober okt,"
        "november nov,dezember dez"
    ),
    "Portuguese": _numbered(
        "janeiro jan,fevereiro fev,março mar,abril abr,maio mai,junho jun,julho jul,agosto ago,setembro set,"
        "outubro out,novembro nov,dezembro dez"
    ),
    "Italian": _numbered(
        "gennaio gen,febbraio feb,marzo mar,aprile apr,maggio mag,giugno giu,luglio lug,agosto ago,settembre set,"
        "ottobre ott,novembre nov,dicembre dic"
    ),
    "Dutch": _numbered(
        "januari jan,februari feb,maart mrt,april apr,mei,juni jun,juli jul,augustus aug,september sep,oktober okt,"
        "november nov,december dec"
    ),
}
"""Language to words, each with the number of its month."""
