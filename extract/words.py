"""Words that programs write and people read, as statuses: in the language of the reader."""

from extract.wording import say


def word(code: str) -> str:
    """A status, or a kind of thing, as a reader calls it; of one that is not known here, the code itself."""
    words = {
        "absent": say("absent"),
        "began_in_year": say("began within the year"),
        "changed": say("changed"),
        "could not run": say("could not run"),
        "did not finish": say("did not finish"),
        "empty": say("empty"),
        "error": say("error"),
        "fail": say("fail"),
        "failed": say("failed"),
        "incomplete": say("incomplete"),
        "interrupted": say("interrupted"),
        "late": say("late"),
        "median": say("median"),
        "mended": say("mended"),
        "missing": say("missing"),
        "models": say("models"),
        "month_missing": say("a month is missing"),
        "new": say("new"),
        "no_return": say("no return this month"),
        "nothing_to_report": say("nothing to report"),
        "ok": say("ok"),
        "on_time": say("on time"),
        "open": say("open"),
        "pass": say("pass"),
        "reading workbooks": say("reading workbooks"),
        "ready": say("ready"),
        "seeds": say("seeds"),
        "skipped": say("skipped"),
        "snapshots": say("snapshots"),
        "stale": say("stale"),
        "stopped": say("stopped"),
        "success": say("success"),
        "sum": say("sum"),
        "superseded": say("superseded"),
        "unchanged": say("unchanged"),
        "unexpected": say("unexpected"),
        "unknown": say("unknown"),
        "waived": say("waived"),
        "warn": say("warn"),
        "warnings": say("warnings"),
    }
    return words.get(code, code)
